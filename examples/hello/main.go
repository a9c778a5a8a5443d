// Hello says what a scan means.
package main

import (
	"fmt"
	"log"

	"github.com/dauvet/dauvet/gs1"
)

func main() {
	m, err := gs1.Parse("]d201089360001234511728063010DV24A07\x1d21K7M2Q9X4T1")
	if err != nil {
		log.Fatal(err) // says where and why, and which AI
	}
	for _, e := range m.Elements {
		fmt.Println(e.AI, e.AI.Title(), e.Value)
	}
}
