import { SaxesParser } from 'saxes';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

/** A cell; its text is unescaped. */
export interface WorkbookCell {
  readonly type: 'text' | 'number' | 'boolean' | 'empty';
  readonly value: string;
  readonly style: number;
}

export interface WorkbookSheet {
  readonly name: string;
  readonly rows: readonly (readonly WorkbookCell[])[];
  /** Its XML. */
  readonly xml: string;
}

/** The index of the style for times. */
const TIME_STYLE = 3;

const TYPES = { inlineStr: 'text', b: 'boolean' } as const;

/** Reads a workbook with a strict XML parser. Cells must have references (`A1`), without gaps. */
export async function readWorkbook(file: Buffer): Promise<WorkbookSheet[]> {
  const parts = await unzip(file);
  const part = (path: string) => {
    const text = parts.get(path);
    if (text === undefined) throw new Error(`The workbook has no ${path}`);
    return text;
  };
  expectWellFormed(part('[Content_Types].xml'));
  expectWellFormed(part('xl/styles.xml'));
  expectWellFormed(part('_rels/.rels'));
  const targets = new Map<string, string>();
  eachTag(part('xl/_rels/workbook.xml.rels'), 'Relationship', ({ Id = '', Target = '' }) =>
    targets.set(Id, Target),
  );
  const sheets: WorkbookSheet[] = [];
  eachTag(part('xl/workbook.xml'), 'sheet', (attributes) => {
    const xml = part(`xl/${targets.get(attributes['r:id'] ?? '')}`);
    sheets.push({ name: attributes['name'] ?? '', rows: rowsOf(xml), xml });
  });
  return sheets;
}

/** The values of a sheet as other formats write them; null if a cell is empty. */
export function valuesOf({ rows }: WorkbookSheet): (string | null)[][] {
  return rows.map((row) => row.map(shownOf));
}

/** The value of a cell as other formats write it. */
export function shownOf({ type, value, style }: WorkbookCell): string | null {
  if (type === 'empty') return null;
  if (type === 'boolean') return value === '1' ? 'true' : 'false';
  if (type !== 'number' || style !== TIME_STYLE) return value;
  return new Date(Math.round((Number(value) - 25_569) * 86_400) * 1000).toISOString().slice(0, 19);
}

/** The parts of a ZIP file by path. */
export async function unzip(file: Buffer): Promise<Map<string, string>> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(file, { lazyEntries: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  const parts = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('end', () => {
          parts.set(entry.fileName, Buffer.concat(chunks).toString());
          zip.readEntry();
        });
      });
    });
    zip.readEntry();
  });
  return parts;
}

function rowsOf(xml: string): WorkbookCell[][] {
  const rows: WorkbookCell[][] = [];
  let cell: { type: WorkbookCell['type']; style: number; value: string } | undefined;
  let isInValue = false;
  const parser = parserOf();
  parser.on('opentag', ({ name, attributes }) => {
    const reference = String(attributes['r']);
    if (name === 'row') {
      rows.push([]);
      if (reference !== String(rows.length)) {
        throw new Error(`Row ${rows.length} has the reference ${reference}`);
      }
    }
    if (name === 'c') {
      const [, letters = '', number] = /^([A-Z]+)(\d+)$/.exec(reference) ?? [];
      const column = [...letters].reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0);
      if (column !== (rows.at(-1)?.length ?? 0) + 1 || number !== String(rows.length)) {
        throw new Error(`A cell of row ${rows.length} has the reference ${reference}`);
      }
      const type = TYPES[attributes['t'] as keyof typeof TYPES] ?? 'number';
      cell = { type, style: Number(attributes['s'] ?? 0), value: '' };
    }
    if (name === 'v' || name === 't') isInValue = true;
  });
  parser.on('text', (text) => {
    if (isInValue && cell) cell.value += text;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'v' || name === 't') isInValue = false;
    if (name !== 'c' || !cell) return;
    const { type, style, value } = cell;
    rows.at(-1)?.push({
      type: type === 'number' && value === '' ? 'empty' : type,
      style,
      value: type === 'text' ? unescaped(value) : value,
    });
  });
  parser.write(xml).close();
  return rows;
}

/** ECMA-376, part 1, section 22.9.2.19. */
function unescaped(text: string): string {
  return text.replace(/_x([\da-fA-F]{4})_/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}

function eachTag(
  xml: string,
  tag: string,
  take: (attributes: Partial<Record<string, string>>) => void,
): void {
  const parser = parserOf();
  parser.on('opentag', ({ name, attributes }) => {
    if (name === tag) take(attributes);
  });
  parser.write(xml).close();
}

function expectWellFormed(xml: string): void {
  parserOf().write(xml).close();
}

function parserOf(): SaxesParser {
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  return parser;
}
