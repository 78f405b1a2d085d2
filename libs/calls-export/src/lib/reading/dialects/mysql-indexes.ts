import type { QueryRunner } from 'typeorm';
import { byIndex, scannableColumns } from './index-columns';

/** A row of `information_schema.statistics`, with the names of its columns in small letters. */
interface Statistic {
  readonly index_name: string;
  readonly column_name: string | null;
  /** `A`, or `D` for a descending column. */
  readonly collation: string | null;
  /** How much of each value is in the index, if it is not all of it. */
  readonly sub_part: number | null;
  readonly index_type: string;
  /** MySQL's word for an index that is not used, and MariaDB's. */
  readonly is_visible?: string;
  readonly ignored?: string;
}

const OF_TABLE = 'table_schema = coalesce(?, database()) AND table_name = ?';

/** As `Dialect.indexes`. */
export async function mysqlIndexes(
  runner: QueryRunner,
  tablePath: string,
): Promise<readonly (readonly string[])[] | undefined> {
  const [table, database = null] = tablePath.split('.').reverse();
  const find = (from: string) =>
    runner.query(`SELECT * FROM information_schema.${from}`, [database, table]);
  const [found] = inSmallLetters<{ table_type: string; engine: string | null }>(
    await find(`tables WHERE ${OF_TABLE}`),
  );
  if (!found || found.table_type.endsWith('VIEW')) return undefined;
  const rows = inSmallLetters<Statistic>(
    await find(`statistics WHERE ${OF_TABLE} ORDER BY index_name, seq_in_index`),
  );
  const usable = rows.filter(
    ({ index_type, is_visible, ignored }) =>
      index_type === 'BTREE' && is_visible !== 'NO' && ignored !== 'YES',
  );
  const indexes = byIndex(
    usable,
    ({ index_name }) => index_name,
    ({ column_name, collation, sub_part }) => ({
      name: sub_part === null ? column_name : null,
      isDescending: collation === 'D',
    }),
  );
  const primary = found.engine === 'InnoDB' ? (indexes.get('PRIMARY') ?? []) : [];
  return [...indexes.values()].map((columns) => {
    // InnoDB's secondary indexes end with what they lack of the primary key (MySQL's manual, "Clustered and Secondary Indexes").
    const names = columns.map(({ name }) => name);
    return scannableColumns([...columns, ...primary.filter(({ name }) => !names.includes(name))]);
  });
}

/** MySQL names the columns of its catalog in capitals, MariaDB as well, unless they are named. */
function inSmallLetters<Row>(rows: readonly object[]): Row[] {
  return rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]),
      ) as Row,
  );
}
