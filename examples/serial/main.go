// Serial reads a scanner and prints one JSON object a scan, for programs in any language.
//
//	serial [flags] [FILE]             FILE is a device, a pipe or a file; without it, standard input
//	serial -calibrate SHEET [FILE]    writes the sheet to SHEET (.svg or .png), reads the scans of it,
//	                                  prints the profile, and in words what to change
//
// The flags -profile, -pack, -device and -hid say what is known of the reader. gs1/scanner/README.md has the fields of
// the objects and what to do about them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

func main() {
	var c config
	flag.StringVar(&c.sheet, "calibrate", "", "write the calibration sheet to this file, and read the scans of it")
	flag.StringVar(&c.profile, "profile", "", "read the profile of the reader from this JSON file")
	flag.BoolVar(&c.pack, "pack", false, "expect the packs of medicines: AIs 01, 17, 10 and 21")
	flag.StringVar(&c.device, "device", "", "name the reader in each object")
	flag.BoolVar(&c.hid, "hid", false, "the input is raw keyboard reports, such as /dev/hidraw0")
	flag.Parse()
	c.file = flag.Arg(0)
	if err := run(os.Stdin, os.Stdout, os.Stderr, c); err != nil {
		fmt.Fprintln(os.Stderr, "serial:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	sheet, profile, device, file string
	pack, hid                    bool
}

func run(stdin io.Reader, stdout, stderr io.Writer, c config) error {
	in := stdin
	if c.file != "" {
		f, err := os.Open(c.file)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	if c.hid {
		in = scanner.HIDKeyboard(in)
	}
	if c.sheet != "" {
		if err := writeSheet(c.sheet); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "Print %s, then scan its symbols from the top down, each once.\n", c.sheet)
		return calibration(in, stdout, stderr)
	}
	p, err := c.readProfile()
	if err != nil {
		return err
	}
	return scans(in, stdout, p)
}

// readProfile reads the profile and adds what the flags say.
func (c *config) readProfile() (*scanner.Profile, error) {
	p := new(scanner.Profile)
	if c.profile != "" {
		data, err := os.ReadFile(c.profile)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, p); err != nil {
			return nil, fmt.Errorf("%s: %w", c.profile, err)
		}
	}
	if c.pack {
		p.Expect = scanner.MedicinePack().Expect
	}
	if c.device != "" {
		p.Device = c.device
	}
	return p, p.Validate()
}

// scans prints each scan as it comes: whoever reads the pipe has a queue at the till.
func scans(in io.Reader, stdout io.Writer, p *scanner.Profile) error {
	out := bufio.NewWriter(stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	r := scanner.NewReader(in, p)
	for reading, err := range r.All(context.Background()) {
		if err != nil {
			return err
		}
		if err := enc.Encode(objectOf(reading)); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// object is one scan. Certain, Candidates and Error exclude each other.
type object struct {
	Device     string            `json:"device,omitempty"`
	Raw        string            `json:"raw"` // as it arrived; bytes that are no UTF-8 show as U+FFFD
	Certain    bool              `json:"certain"`
	Message    *message          `json:"message,omitempty"`
	Repairs    []repair          `json:"repairs,omitempty"`
	Candidates []candidate       `json:"candidates,omitempty"` // the likeliest first; a person decides
	Error      string            `json:"error,omitempty"`
	Words      map[string]string `json:"words,omitempty"` // for the cashier, by language
}

type candidate struct {
	Message message         `json:"message"`
	Repairs []repair        `json:"repairs,omitempty"`
	Doubts  []scanner.Doubt `json:"doubts,omitempty"`
}

type repair struct {
	Kind scanner.RepairKind `json:"kind"`
	At   int                `json:"at"` // offset in raw in bytes, or -1 for all of it
	Was  string             `json:"was"`
	Is   string             `json:"is"`
}

type message struct {
	Symbology string    `json:"symbology,omitempty"`
	HRI       string    `json:"hri"`
	EPC       string    `json:"epc,omitempty"` // of the pack, or of its class
	Elements  []element `json:"elements"`
}

type element struct {
	AI    gs1.AI `json:"ai"`
	Title string `json:"title,omitempty"`
	Value string `json:"value"`
}

func objectOf(r scanner.Reading) object {
	o := object{Device: r.Device, Raw: r.Raw, Certain: r.Certain, Repairs: repairsOf(r.Repairs)}
	if r.Certain {
		m := messageOf(r.Message)
		o.Message = &m
	}
	for _, c := range r.Candidates {
		o.Candidates = append(o.Candidates, candidate{messageOf(c.Message), repairsOf(c.Repairs), c.Doubts})
	}
	if r.Err != nil {
		o.Error = r.Err.Error()
	}
	if vi := r.Words("vi"); vi != "" {
		o.Words = map[string]string{"vi": vi, "en": r.Words("en")}
	}
	return o
}

func repairsOf(list []scanner.Repair) []repair {
	var out []repair
	for _, r := range list {
		out = append(out, repair{r.Kind, r.At, r.Was, r.Is})
	}
	return out
}

func messageOf(m gs1.Message) message {
	out := message{Symbology: m.Symbology.String(), HRI: m.HRI()}
	if epc, err := m.EPC(); err == nil {
		out.EPC = epc.String()
	}
	for _, e := range m.Elements {
		out.Elements = append(out.Elements, element{e.AI, e.AI.Title(), e.Value})
	}
	return out
}

// calibration reads the scans of the sheet.
func calibration(in io.Reader, stdout, stderr io.Writer) error {
	r := scanner.NewReader(in, nil)
	var raw []string
	for _, text := range scanner.CalibrationTexts() {
		reading, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("symbol %d of the sheet (%s): %w", len(raw)+1, text.Name, err)
		}
		raw = append(raw, reading.Raw)
	}
	p, d, err := scanner.Calibrate(raw)
	if err != nil {
		return err
	}
	for _, lang := range []string{"vi", "en"} {
		for _, s := range d.Words(lang) {
			fmt.Fprintln(stderr, s)
		}
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(p)
}
