import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { type Entry, fromBuffer } from 'yauzl';
import { unzip } from '../../../../test/read-workbook';
import type { EncodedCalls } from '../file-format';
import { cellBegin, ROW_BEGIN } from './number-rows';
import { packWorkbook } from './pack-workbook';

const FRAME = { head: '<head/>', tail: '<tail/>' };

const row = (text: string) => `${ROW_BEGIN}${cellBegin(0)}>${text}</c></row>`;

function pageOf(...texts: string[]): EncodedCalls {
  return { bytes: Buffer.from(texts.map(row).join('')), count: texts.length };
}

async function* pagesOf(...pages: string[][]): AsyncGenerator<EncodedCalls, void> {
  for (const texts of pages) yield pageOf(...texts);
}

async function packed(pieces: AsyncGenerator<EncodedCalls, void>) {
  const all: EncodedCalls[] = [];
  for await (const piece of pieces) all.push(piece);
  return {
    file: Buffer.concat(all.map(({ bytes }) => bytes)),
    counts: all.map(({ count }) => count),
    lengths: all.map(({ bytes }) => bytes.length),
  };
}

/** Returns the sheets of a workbook, with their rows as `number:text`. */
async function sheetsOf(file: Buffer): Promise<string[]> {
  const parts = [...(await unzip(file))].filter(([path]) => path.startsWith('xl/worksheets/'));
  return parts.map(
    ([path, xml]) =>
      `${path.slice('xl/worksheets/'.length)} ` +
      xml.replace(/<row r="(\d+)" *><c r="A\1" *>(.*?)<\/c><\/row>/g, '$1:$2 '),
  );
}

describe('packWorkbook', () => {
  it.each<[string, string[][], string[]]>([
    ['no page', [], ['sheet1.xml <head/><tail/>']],
    ['an empty page', [[]], ['sheet1.xml <head/><tail/>']],
    ['a page', [['a', 'b']], ['sheet1.xml <head/>2:a 3:b <tail/>']],
    ['pages', [['a'], [], ['b', 'c']], ['sheet1.xml <head/>2:a 3:b 4:c <tail/>']],
    [
      'one row more than fits into a sheet',
      [['a', 'b', 'c', 'd']],
      ['sheet1.xml <head/>2:a 3:b 4:c <tail/>', 'sheet2.xml <head/>2:d <tail/>'],
    ],
    [
      'a page after a full sheet',
      [['a', 'b', 'c'], [], ['d']],
      ['sheet1.xml <head/>2:a 3:b 4:c <tail/>', 'sheet2.xml <head/>2:d <tail/>'],
    ],
    [
      'a page that fills three sheets',
      [['a'], [...'bcdefgh']],
      [
        'sheet1.xml <head/>2:a 3:b 4:c <tail/>',
        'sheet2.xml <head/>2:d 3:e 4:f <tail/>',
        'sheet3.xml <head/>2:g 3:h <tail/>',
      ],
    ],
  ])('packs %s into sheets of four rows', async (_, pages, sheets) => {
    const { file, counts, lengths } = await packed(packWorkbook(FRAME, pagesOf(...pages), 4));
    expect(await sheetsOf(file)).toEqual(sheets);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(pages.flat().length);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    const types = (await unzip(file)).get('[Content_Types].xml') ?? '';
    expect(types.match(/\/xl\/worksheets\/sheet\d\.xml/g)).toHaveLength(sheets.length);
  });

  it('writes the fixed parts first, then the sheets, then the parts that list them', async () => {
    const { file } = await packed(packWorkbook(FRAME, pagesOf(['a'])));
    expect([...(await unzip(file)).keys()]).toEqual([
      '_rels/.rels',
      'xl/styles.xml',
      'xl/worksheets/sheet1.xml',
      'xl/workbook.xml',
      'xl/_rels/workbook.xml.rels',
      '[Content_Types].xml',
    ]);
  });

  it('dates all parts to the start of 1980, so that the same calls produce the same bytes', async () => {
    const { file } = await packed(packWorkbook(FRAME, pagesOf(['a'])));
    const entries = await new Promise<Entry[]>((resolve, reject) => {
      fromBuffer(file, (error, zip) => {
        if (error) return reject(error);
        const all: Entry[] = [];
        zip.on('entry', (entry: Entry) => all.push(entry));
        zip.on('end', () => resolve(all));
      });
    });
    expect(entries).toHaveLength(6);
    for (const { lastModFileDate, lastModFileTime, extraFields } of entries) {
      // Seven bits for the year since 1980, four for the month, five for the day.
      expect([lastModFileDate, lastModFileTime]).toEqual([(0 << 9) | (1 << 5) | 1, 0]);
      expect(extraFields).toEqual([]);
    }
  });

  it('counts each call once, after it was packed', async () => {
    const noise = () => randomBytes(100_000).toString('base64');
    const pages = pagesOf([noise(), noise()], [noise()], [noise(), noise(), noise()]);
    const { counts } = await packed(packWorkbook(FRAME, pages));
    expect(counts.length).toBeGreaterThan(6);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(6);
  });

  it('yields nothing before the first page', async () => {
    let begin = () => {};
    const began = new Promise<void>((resolve) => (begin = resolve));
    const log: string[] = [];
    async function* pages() {
      await began;
      log.push('page');
      yield pageOf('a');
    }
    const pieces = packWorkbook(FRAME, pages());
    const first = pieces.next().then(() => log.push('piece'));
    await new Promise(setImmediate);
    begin();
    await first;
    expect(log).toEqual(['page', 'piece']);
    await pieces.return();
  });

  it('closes the pages and then drains its streams when it is closed', async () => {
    const log: string[] = [];
    let ended = () => {};
    const ending = new Promise<void>((resolve) => (ended = resolve));
    async function* pages() {
      try {
        // More than the streams buffer, so that they wait for a reader.
        for (;;) yield pageOf(randomBytes(1_000_000).toString('base64'));
      } finally {
        log.push('pages');
      }
    }
    const frame = {
      head: '',
      get tail() {
        log.push('sheet');
        ended();
        return '';
      },
    };
    const pieces = packWorkbook(frame, pages());
    await pieces.next();
    expect(log).toEqual([]);
    await pieces.return();
    expect(log[0]).toBe('pages');
    await ending;
    expect(log).toEqual(['pages', 'sheet']);
  }, 2_000);

  it.each([0, 1, 3])(
    'throws the error of its pages after %i pages, and writes no end of file',
    async (good) => {
      async function* pages() {
        for (let page = 0; page < good; page++) yield pageOf('x');
        throw new Error('lost');
      }
      const pieces: Uint8Array[] = [];
      const reading = (async () => {
        for await (const { bytes } of packWorkbook(FRAME, pages())) pieces.push(bytes);
      })();
      await expect(reading).rejects.toThrow(new Error('lost'));
      // A ZIP file ends with its central directory.
      expect(Buffer.concat(pieces).includes('PK\u0001\u0002')).toBe(false);
    },
  );

  it('reads all pages in the async context of the first request', async () => {
    const requests = new AsyncLocalStorage<string>();
    const readers: unknown[] = [];
    async function* pages() {
      for (let page = 0; page < 3; page++) {
        readers.push(requests.getStore());
        yield pageOf(randomBytes(100_000).toString('base64'));
      }
    }
    const pieces = packWorkbook(FRAME, pages());
    await requests.run('its own', () => pieces.next());
    await requests.run('another', () => packed(pieces));
    expect(readers).toEqual(['its own', 'its own', 'its own']);
  });
});
