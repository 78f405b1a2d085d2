import { firstParts, lastParts, sheetPath, STYLES } from './workbook-parts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const RELATIONSHIP = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const SHEET_ML = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Removes the line breaks and the indentation between tags. */
const part = (xml: string) => DECLARATION + xml.trim().replace(/\n\s*/g, '');

/*
 * Some program rejects the workbook if any of this is missing, which only manual tests with each program
 * reveal. So the expected parts are spelled out here.
 */
describe('The parts of a workbook', () => {
  it('start with the root relationships and the styles', () => {
    expect(firstParts()).toEqual({
      '_rels/.rels': part(`
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
          <Relationship Id="rId1" Type="${RELATIONSHIP}/officeDocument" Target="xl/workbook.xml"/>
        </Relationships>`),
      'xl/styles.xml': part(`
        <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
          <numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
          <fonts count="2">
            <font><sz val="11"/><name val="Calibri"/><family val="2"/></font>
            <font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font>
          </fonts>
          <fills count="2">
            <fill><patternFill patternType="none"/></fill>
            <fill><patternFill patternType="gray125"/></fill>
          </fills>
          <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
          <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
          <cellXfs count="4">
            <xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
            <xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
            <xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
            <xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
          </cellXfs>
          <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
        </styleSheet>`),
    });
  });

  it('have the cell styles at the indexes of STYLES', () => {
    const cellStyles = /<cellXfs.*<\/cellXfs>/.exec(firstParts()['xl/styles.xml'] ?? '')?.[0] ?? '';
    const styles = [...cellStyles.matchAll(/<xf numFmtId="(\d+)" fontId="(\d+)"/g)].map(
      ([, format, font]) => ({ format, font }),
    );
    expect(styles[STYLES.header]).toEqual({ format: '0', font: '1' });
    expect(styles[STYLES.integer]).toEqual({ format: '1', font: '0' });
    expect(styles[STYLES.time]).toEqual({ format: '164', font: '0' });
  });

  it('end with those that list the sheets', () => {
    expect(lastParts(2)).toEqual({
      'xl/workbook.xml': part(`
        <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${RELATIONSHIP}">
          <bookViews><workbookView/></bookViews>
          <sheets>
            <sheet name="Calls" sheetId="1" r:id="rId1"/>
            <sheet name="Calls 2" sheetId="2" r:id="rId2"/>
          </sheets>
        </workbook>`),
      'xl/_rels/workbook.xml.rels': part(`
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
          <Relationship Id="rId1" Type="${RELATIONSHIP}/worksheet" Target="worksheets/sheet1.xml"/>
          <Relationship Id="rId2" Type="${RELATIONSHIP}/worksheet" Target="worksheets/sheet2.xml"/>
          <Relationship Id="rId3" Type="${RELATIONSHIP}/styles" Target="styles.xml"/>
        </Relationships>`),
      '[Content_Types].xml': part(`
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
          <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
          <Default Extension="xml" ContentType="application/xml"/>
          <Override PartName="/xl/workbook.xml" ContentType="${SHEET_ML}.sheet.main+xml"/>
          <Override PartName="/xl/styles.xml" ContentType="${SHEET_ML}.styles+xml"/>
          <Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_ML}.worksheet+xml"/>
          <Override PartName="/xl/worksheets/sheet2.xml" ContentType="${SHEET_ML}.worksheet+xml"/>
        </Types>`),
    });
    expect(sheetPath(2)).toBe('xl/worksheets/sheet2.xml');
  });
});
