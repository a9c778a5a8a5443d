package datamatrix

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestZint: no symbol is larger than the one that zint 2.11.1 makes of the same element string with --gs1 --square. Each
// line of the file has the rows of zint's symbol and the string.
func TestZint(t *testing.T) {
	f, err := os.Open("testdata/zint-2.11.1.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		rows, quoted, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Encode(text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := fmt.Sprint(m.Rows()); len(got) > len(rows) || len(got) == len(rows) && got > rows {
			t.Errorf("%q: %s rows, zint has %s", text, got, rows)
		}
	}
	if n < 50 {
		t.Errorf("only %d lines", n)
	}
}
