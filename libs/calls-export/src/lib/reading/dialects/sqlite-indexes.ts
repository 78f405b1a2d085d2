import type { QueryRunner } from 'typeorm';
import { byIndex, scannableColumns } from './index-columns';

interface KeyPart {
  readonly index: string;
  /** Null for the rowid and for an expression. */
  readonly name: string | null;
  /** The number of the column; -1 for the rowid, -2 for an expression. */
  readonly cid: number;
  readonly desc: number;
}

/** Selects the key columns of each index, followed by the rowid or, without one, the primary key. */
const INDEXES = `
  SELECT list.name AS "index", part.name AS name, part.cid AS cid, part."desc" AS "desc"
  FROM pragma_index_list(?, ?) AS list, pragma_index_xinfo(list.name, ?) AS part
  WHERE list.partial = 0 AND (part."key" = 1 OR list.origin <> 'pk' OR part.cid = -1)
  ORDER BY list.seq, part.seqno`;

/** Implements `Dialect.indexes`. */
export async function sqliteIndexes(
  runner: QueryRunner,
  tablePath: string,
): Promise<readonly (readonly string[])[] | undefined> {
  const [table, schema = 'main'] = tablePath.split('.').reverse();
  const { driver } = runner.connection;
  const [found] = await runner.query(
    `SELECT 1 FROM ${driver.escape(schema)}.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE`,
    [table],
  );
  if (!found) return undefined;
  const key: { name: string; type: string }[] = await runner.query(
    'SELECT name, type FROM pragma_table_info(?, ?) WHERE pk > 0',
    [table, schema],
  );
  // A single INTEGER primary key is the rowid (https://www.sqlite.org/lang_createtable.html#rowid).
  const [only, ...others] = key;
  const isRowid = others.length === 0 && only?.type.toUpperCase() === 'INTEGER';
  const parts: KeyPart[] = await runner.query(INDEXES, [table, schema, schema]);
  const indexes = byIndex(
    parts,
    ({ index }) => index,
    ({ name, cid, desc }) => ({
      name: cid === -1 && isRowid ? only.name : name,
      isDescending: desc === 1,
    }),
  );
  return [...indexes.values()].map(scannableColumns);
}
