package render

import (
	"archive/zip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// What a spreadsheet holds at most.
const (
	mostRows      = 1 << 20
	mostCellRunes = 32767
)

// The parts of a workbook that are the same for every list. Style 1 marks text
// that a spreadsheet would take for a formula once somebody edits the cell.
const (
	xmlHead     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xlsxMain    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	xlsxRels    = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	xlsxOffice  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	xlsxContent = `application/vnd.openxmlformats-officedocument.spreadsheetml`
	xlsxStyles  = xmlHead + `<styleSheet ` + xlsxMain + `><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2">` +
		`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs></styleSheet>`
	xlsxTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + xlsxContent + `.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + xlsxContent + `.worksheet+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet2.xml" ContentType="` + xlsxContent + `.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + xlsxContent + `.styles+xml"/></Types>`
	xlsxRoot = xmlHead + `<Relationships ` + xlsxRels + `><Relationship Id="rId1" Type="` + xlsxOffice + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxBook = xmlHead + `<workbook ` + xlsxMain + ` xmlns:r="` + xlsxOffice + `"><sheets><sheet name="list" sheetId="1" r:id="rId1"/><sheet name="notes" sheetId="2" r:id="rId2"/></sheets></workbook>`
	xlsxLink = xmlHead + `<Relationships ` + xlsxRels + `><Relationship Id="rId1" Type="` + xlsxOffice + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + xlsxOffice + `/worksheet" Target="worksheets/sheet2.xml"/>` +
		`<Relationship Id="rId3" Type="` + xlsxOffice + `/styles" Target="styles.xml"/></Relationships>`
)

// xlsx renders the list as a workbook with two sheets, the list and the notes.
// All text is of the type text, which no spreadsheet computes. Its bytes depend
// on the list alone: no time, no compression.
func (l List) xlsx(w io.Writer, items []object, fields []string) error {
	if len(fields) == 0 {
		fields = l.Fields
	}
	if len(items) >= mostRows {
		return fmt.Errorf("writing a spreadsheet: it holds %d rows, and these are %d; write csv", mostRows-1, len(items))
	}
	cols := l.columns(fields)
	var list, notes strings.Builder
	sheet(&list, func(row func(cells []any)) {
		row(texts(fields))
		for _, item := range items {
			cells := make([]any, len(cols))
			for i, c := range cols {
				v := item.get(c.Field)
				if n, number := v.(json.Number); number {
					cells[i] = n
				} else {
					cells[i] = cell(v)
				}
			}
			row(cells)
		}
	})
	sheet(&notes, func(row func(cells []any)) {
		row(texts([]string{l.Title}))
		for _, n := range l.Notes {
			row(texts([]string{n}))
		}
	})
	out := zip.NewWriter(w)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", xlsxTypes}, {"_rels/.rels", xlsxRoot}, {"xl/workbook.xml", xlsxBook}, {"xl/_rels/workbook.xml.rels", xlsxLink},
		{"xl/styles.xml", xlsxStyles}, {"xl/worksheets/sheet1.xml", list.String()}, {"xl/worksheets/sheet2.xml", notes.String()},
	} {
		f, err := out.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(f, part.text)
		}
		if err != nil {
			return fmt.Errorf("writing a spreadsheet: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("writing a spreadsheet: %w", err)
	}
	return nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// sheet writes a worksheet, row by row.
func sheet(b *strings.Builder, fill func(row func(cells []any))) {
	b.WriteString(xmlHead + `<worksheet ` + xlsxMain + `><sheetData>`)
	fill(func(cells []any) {
		b.WriteString("<row>")
		for _, c := range cells {
			sheetCell(b, c)
		}
		b.WriteString("</row>\n")
	})
	b.WriteString("</sheetData></worksheet>\n")
}

func sheetCell(b *strings.Builder, value any) {
	if n, number := value.(json.Number); number {
		b.WriteString("<c><v>" + n.String() + "</v></c>")
		return
	}
	text := TerminalLines(fmt.Sprint(value))
	if utf8.RuneCountInString(text) > mostCellRunes {
		text = string([]rune(text)[:mostCellRunes-1]) + "…"
	}
	style := ""
	if CSVCell(text) != text {
		style = ` s="1"`
	}
	b.WriteString(`<c t="inlineStr"` + style + `><is><t xml:space="preserve">`)
	_ = xml.EscapeText(b, []byte(text)) // a strings.Builder takes everything
	b.WriteString("</t></is></c>")
}
