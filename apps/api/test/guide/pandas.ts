import { spawnSync } from 'node:child_process';
import { describeWith, type Requirement, SEARCH_PATH } from '@calls/testing';
import { escaped, type Row } from './calls';
import type { Reader } from './reader';
import type { Guide, Snippet } from './snippets';
import { PYTHON } from './workspace';

export const PANDAS: Requirement = {
  name: 'pandas and openpyxl in the Python of PYTHON',
  isInstalled: () => {
    const options = { env: { PATH: SEARCH_PATH } };
    return spawnSync(PYTHON, ['-c', 'import pandas, openpyxl'], options).status === 0;
  },
};

/** Prints the data frame `calls` in the format of `storedRows`. */
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
    const readNdjson = guide.take('pandas: python');
    const readCsv = guide.take('pandas: python 2');
    const readWorkbook = guide.take('pandas: python 3');
    async function run(snippet: Snippet): Promise<Row[]> {
      return JSON.parse(await reader.workspace.python(snippet, PRINT_CALLS));
    }
    /** Downloads one format, as the guide's `curl` does. */
    async function save(format: string): Promise<void> {
      const file = await reader.api.export(`format=${format}`);
      await reader.workspace.write(`calls.${format}`, await file.text());
    }
    const runWithDefaults = (expression: string) =>
      run({ name: 'defaults', text: `import pandas as pd\ncalls = ${expression}` });
    /** The indexes of the text columns. */
    const TEXTS = [1, 2, 3, 4];

    it('reads NDJSON unchanged', async () => {
      await save('ndjson');
      expect(await run(readNdjson)).toEqual(await reader.stored());
    });

    it('infers types as the guide says if none are given', async () => {
      await save('ndjson');
      const inferred = await runWithDefaults('pd.read_json("calls.ndjson", lines=True)');
      expect(inferred.map((row) => row[5])).toContain('300.0');
      await save('csv');
      const names = (await runWithDefaults('pd.read_csv("calls.csv")')).map(([, , name]) => name);
      // Null, the empty name and the name NA.
      expect(names.filter((name) => name === null)).toHaveLength(3);
      await reader.dataSource.query(
        "DELETE FROM calls WHERE coalesce(customer_phone_number, '') = ''",
      );
      await save('ndjson');
      const [first] = await runWithDefaults('pd.read_json("calls.ndjson", lines=True)');
      expect(first?.[3]).toBe('15551234567');
    });

    it('reads null text in CSV as empty text', async () => {
      await save('csv');
      const expected = escaped(await reader.stored()).map((row) =>
        row.map((value, column) => (TEXTS.includes(column) ? (value ?? '') : value)),
      );
      expect(await run(readCsv)).toEqual(expected);
    });

    it('reads the workbook with exact IDs, and empty text as null', async () => {
      await reader.workspace.shell(download);
      const expected = (await reader.stored()).map((row) => row.map((value) => value || null));
      expect(await run(readWorkbook)).toEqual(expected);
    });
  });
}
