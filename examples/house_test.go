// Package examples_test holds the rules that no single package can test: what every exported name, every package and
// the README owe their reader.
package examples_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the folder of go.mod, seen from here.
const root = ".."

// TestREADME holds each Go block of the README equal to the file under examples that the comment before it names: to
// the whole file, or to lines of it that follow each other.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)(?:<!-- (examples/[^ ]+) -->\n)?```go\n(.*?)```\n")
	found := block.FindAllSubmatch(readme, -1)
	if len(found) == 0 {
		t.Fatal("README.md has no Go block")
	}
	for _, b := range found {
		name, code := string(b[1]), string(b[2])
		if name == "" {
			t.Errorf("a Go block without the comment that names its file:\n%s", code)
			continue
		}
		file, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if src := string(file); src != code && !strings.Contains(dedent(src), dedent(code)) {
			t.Errorf("%s (-file +README):\n%s", name, cmp.Diff(src, code))
		}
	}
}

// dedent removes leading tabs, so that lines from inside a function may stand at the margin.
func dedent(s string) string {
	return regexp.MustCompile(`(?m)^\t+`).ReplaceAllString(s, "")
}

// TestDocumentation demands of every library package a package comment, a doc comment on every exported name, and
// an example whose output is checked.
func TestDocumentation(t *testing.T) {
	for _, dir := range packages(t) {
		t.Run(filepath.ToSlash(dir), func(t *testing.T) { documentation(t, dir) })
	}
}

// packages lists the folders of the module that hold library code.
func packages(t *testing.T) []string {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		nested := path != root && exists(filepath.Join(path, "go.mod"))
		if nested || name == "testdata" || name == "examples" || (path != root && strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if len(files) > 0 {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		t.Fatal("no package found")
	}
	return dirs
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func documentation(t *testing.T, dir string) {
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, dir)
	if err != nil {
		t.Fatal(err)
	}
	if p.Doc == "" {
		t.Error("no package comment")
	}
	if !hasCheckedExample(files) {
		t.Error("no example with // Output:")
	}
	for name, text := range exported(p) {
		if text == "" {
			t.Errorf("%s has no doc comment", name)
		}
	}
}

func hasCheckedExample(files []*ast.File) bool {
	for _, e := range doc.Examples(files...) {
		if e.Output != "" || e.EmptyOutput {
			return true
		}
	}
	return false
}

// exported maps each exported name of p to its comment. A constant or variable may share the comment of its group, or
// have it behind; the fields of a struct are its type's to explain.
func exported(p *doc.Package) map[string]string {
	docs := map[string]string{}
	funcs := func(prefix string, fs []*doc.Func) {
		for _, f := range fs {
			docs[prefix+f.Name] = f.Doc
		}
	}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			for _, spec := range v.Decl.Specs {
				s := spec.(*ast.ValueSpec)
				for _, n := range s.Names {
					if n.IsExported() {
						docs[n.Name] = v.Doc + s.Doc.Text() + s.Comment.Text()
					}
				}
			}
		}
	}
	funcs("", p.Funcs)
	values(p.Consts)
	values(p.Vars)
	for _, typ := range p.Types {
		docs[typ.Name] = typ.Doc
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
		values(typ.Consts)
		values(typ.Vars)
		for _, spec := range typ.Decl.Specs {
			methods(docs, typ.Name, spec.(*ast.TypeSpec).Type)
		}
	}
	return docs
}

func methods(docs map[string]string, of string, typ ast.Expr) {
	if i, ok := typ.(*ast.InterfaceType); ok {
		for _, f := range i.Methods.List {
			for _, n := range f.Names {
				docs[of+"."+n.Name] = f.Doc.Text() + f.Comment.Text()
			}
		}
	}
}
