package main

func Example() {
	main()
	// Output:
	// 01 GTIN 08936000123451
	// 17 USE BY or EXPIRY 280630
	// 10 BATCH/LOT DV24A07
	// 21 SERIAL K7M2Q9X4T1
}
