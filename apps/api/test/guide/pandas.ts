import { spawnSync } from 'node:child_process';
import { describeWith, type Requirement, SEARCH_PATH } from '@calls/testing';
import { guarded, type Row } from './calls';
import { type Reader, TIMEOUT_MS } from './reader';
import type { Guide, Snippet } from './snippets';
import { PYTHON } from './workplace';

const PANDAS: Requirement = {
  name: 'pandas and openpyxl in the Python of PYTHON',
  isInstalled: () => {
    const options = { env: { PATH: SEARCH_PATH } };
    return spawnSync(PYTHON, ['-c', 'import pandas, openpyxl'], options).status === 0;
  },
};

/** Prints what pandas has in `calls` as rows of texts and nulls. */
const PRINT_CALLS = `
import json
def text(value):
    if value is None or value is pd.NA or value is pd.NaT or value != value: return None
    return value.strftime("%Y-%m-%dT%H:%M:%S") if hasattr(value, "strftime") else str(value)
print(json.dumps([[text(value) for value in row] for row in calls.sort_values(calls.columns[0]).itertuples(index=False)]))
`;

export function pandas(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', PANDAS], 'with pandas', () => {
    const download = guide.take('pandas: sh');
    const ofNdjson = guide.take('pandas: python');
    const ofCsv = guide.take('pandas: python 2');
    const ofWorkbook = guide.take('pandas: python 3');
    async function readByPandas(snippet: Snippet): Promise<Row[]> {
      return JSON.parse(await reader.workplace.python(snippet, PRINT_CALLS));
    }
    const TEXTS = [1, 2, 3, 4];

    it('reads NDJSON as it is', async () => {
      await reader.workplace.write(
        'calls.ndjson',
        await (await reader.api.export('format=ndjson')).text(),
      );
      expect(await readByPandas(ofNdjson)).toEqual(await reader.stored());
    });

    it('guesses at NDJSON and CSV as the guide says', async () => {
      await reader.dataSource.query("DELETE FROM calls WHERE customer_phone_number NOT LIKE '+%'");
      await reader.workplace.write(
        'calls.ndjson',
        await (await reader.api.export('format=ndjson')).text(),
      );
      await reader.workplace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      const guess = (reader: string) =>
        readByPandas({ name: 'a guess', text: `import pandas as pd\ncalls = ${reader}` });
      const byJson = await guess('pd.read_json("calls.ndjson", lines=True)');
      expect(byJson[0]?.[3]).toMatch(/^15551234567(\.0)?$/);
      expect(byJson[0]?.[5]).toBe('300.0');
      const byCsv = await guess('pd.read_csv("calls.csv")');
      // Null, empty, and a name that is NA.
      const names = byCsv.map(([, , name]) => name);
      expect(names.filter((name) => name === null).length).toBeGreaterThanOrEqual(2);
    });

    it('reads CSV with null texts as empty ones', async () => {
      await reader.workplace.write(
        'calls.csv',
        await (await reader.api.export('format=csv')).text(),
      );
      const expected = guarded(await reader.stored()).map((row) =>
        row.map((value, column) => (TEXTS.includes(column) ? (value ?? '') : value)),
      );
      expect(await readByPandas(ofCsv)).toEqual(expected);
    });

    it(
      'reads the workbook, with all ids',
      async () => {
        await reader.workplace.shell(download);
        const withoutEmpty = (rows: Row[]) =>
          rows.map((row) => row.map((value) => value?.replace(/\.0$/, '') || null));
        // pandas takes the name NA for null here as well.
        const expected = (await reader.stored()).map((row) =>
          row.map((v) => (v === 'NA' ? null : v)),
        );
        expect(withoutEmpty(await readByPandas(ofWorkbook))).toEqual(withoutEmpty(expected));
      },
      TIMEOUT_MS,
    );
  });
}
