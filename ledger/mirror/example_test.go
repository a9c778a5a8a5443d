package mirror_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// A shop pushes its ledger to the province, and an inspector reads from a proof who has seen it.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "province")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	// The province.
	province, err := mirror.Open(dir, &mirror.Options{Name: "province.example"})
	if err != nil {
		log.Fatal(err)
	}
	defer province.Close()
	server := httptest.NewServer(province.Submission())
	defer server.Close()

	// The shop knows the keys of the province.
	var witnesses []note.Verifier
	for _, vkey := range []string{province.WitnessKey(), province.MirrorKey()} {
		w, err := ledger.NewWitness(vkey)
		if err != nil {
			log.Fatal(err)
		}
		witnesses = append(witnesses, w)
	}
	shop, err := ledger.OpenMemory(&ledger.Options{Origin: "shop.example/2026", Witnesses: witnesses})
	if err != nil {
		log.Fatal(err)
	}
	defer shop.Close()
	if _, err := shop.Append(ctx, []byte("received"), []byte("dispensed")); err != nil {
		log.Fatal(err)
	}

	// Its own key has been registered.
	if err := province.SetKeys([]string{shop.VerifierKey()}); err != nil {
		log.Fatal(err)
	}
	client := mirror.NewClient(shop, server.URL, &mirror.ClientOptions{Witnesses: witnesses})
	if _, err := client.Push(ctx); err != nil {
		log.Fatal(err)
	}

	proof, err := shop.ProveInclusion(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	_, c, err := ledger.VerifyInclusion(proof, []byte("dispensed"), shop.VerifierKey())
	if err != nil {
		log.Fatal(err)
	}
	n, err := note.Open(c.Note, note.VerifierList(witnesses...))
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range n.Sigs {
		fmt.Println(s.Name, "has", c.Size, "entries of", c.Origin)
	}
	// Output:
	// province.example/witness has 2 entries of shop.example/2026
	// province.example/mirror has 2 entries of shop.example/2026
}

// A USB stick takes the place of the line.
func ExampleMirror_AddTiles() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "province")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	shop, err := ledger.OpenMemory(&ledger.Options{Origin: "shop.example/2026"})
	if err != nil {
		log.Fatal(err)
	}
	defer shop.Close()
	if _, err := shop.Append(ctx, []byte("received"), []byte("dispensed")); err != nil {
		log.Fatal(err)
	}
	stick := dir + "/stick"
	if _, err := shop.Export(ctx, ledger.Dir(stick)); err != nil {
		log.Fatal(err)
	}

	province, err := mirror.Open(dir+"/mirror", &mirror.Options{Keys: []string{shop.VerifierKey()}})
	if err != nil {
		log.Fatal(err)
	}
	defer province.Close()
	c, err := province.AddTiles(ctx, os.DirFS(stick))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Size, "entries of", c.Origin)
	// Output: 2 entries of shop.example/2026
}
