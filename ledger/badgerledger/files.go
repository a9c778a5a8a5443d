package badgerledger

// checkFiles looks at the files of Badger before Badger does.
func checkFiles(path string) error { return nil }
