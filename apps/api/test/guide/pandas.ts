import { spawnSync } from 'node:child_process';
import { describeWith, type Requirement, SEARCH_PATH } from '@calls/testing';
import { guarded, type Row } from './calls';
import type { Reader } from './reader';
import type { Guide, Snippet } from './snippets';
import { PYTHON } from './workplace';

export const PANDAS: Requirement = {
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
    /** As the guide's `curl` does, for one format. */
    async function save(format: string): Promise<void> {
      const file = await reader.api.export(`format=${format}`);
      await reader.workplace.write(`calls.${format}`, await file.text());
    }
    const guess = (expression: string) =>
      readByPandas({ name: 'a guess', text: `import pandas as pd\ncalls = ${expression}` });
    /** The columns of texts. */
    const TEXTS = [1, 2, 3, 4];

    it('reads NDJSON as it is', async () => {
      await save('ndjson');
      expect(await readByPandas(ofNdjson)).toEqual(await reader.stored());
    });

    it('guesses, if it is not told the types, as the guide says', async () => {
      await save('ndjson');
      const inferred = await guess('pd.read_json("calls.ndjson", lines=True)');
      expect(inferred.map((row) => row[5])).toContain('300.0');
      await save('csv');
      const names = (await guess('pd.read_csv("calls.csv")')).map(([, , name]) => name);
      // Null, empty, and the name NA.
      expect(names.filter((name) => name === null)).toHaveLength(3);
      await reader.dataSource.query(
        "DELETE FROM calls WHERE coalesce(customer_phone_number, '') = ''",
      );
      await save('ndjson');
      const [first] = await guess('pd.read_json("calls.ndjson", lines=True)');
      expect(first?.[3]).toBe('15551234567');
    });

    it('reads CSV with null texts as empty ones', async () => {
      await save('csv');
      const expected = guarded(await reader.stored()).map((row) =>
        row.map((value, column) => (TEXTS.includes(column) ? (value ?? '') : value)),
      );
      expect(await readByPandas(ofCsv)).toEqual(expected);
    });

    it('reads the workbook, with all ids, and empty texts as null ones', async () => {
      await reader.workplace.shell(download);
      const expected = (await reader.stored()).map((row) => row.map((value) => value || null));
      expect(await readByPandas(ofWorkbook)).toEqual(expected);
    });
  });
}
