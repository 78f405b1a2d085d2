import {
  type DatabaseKind,
  describeEachDatabase,
  EVERY_DATABASE,
  type TestDatabase,
} from '@calls/testing';
import { bareOptions, type DatabaseType } from './entities';
import { closeHostsAfterEach } from './find-host';

export const TYPE_OF_KIND: Readonly<Record<DatabaseKind, DatabaseType>> = {
  'embedded PostgreSQL': 'postgres',
  'PostgreSQL server': 'postgres',
  'MariaDB server': 'mariadb',
  SQLite: 'sqljs',
};

/** Every kind of database, but the embedded PostgreSQL only without a server, which is faster. */
const QUICK_KINDS = EVERY_DATABASE.filter(
  (kind) => kind !== 'embedded PostgreSQL' || !process.env['TEST_DATABASE_URL'],
);

/** Runs a suite on each kind of database, and passes the kind, by which `casesOf` selects test cases. */
export function describeKinds(
  title: string,
  suite: (database: TestDatabase, type: DatabaseType, kind: DatabaseKind) => void,
  kinds: readonly DatabaseKind[] = QUICK_KINDS,
): void {
  for (const kind of kinds) {
    describeEachDatabase(
      title,
      bareOptions,
      (database) => {
        closeHostsAfterEach();
        suite(database, TYPE_OF_KIND[kind], kind);
      },
      [kind],
    );
  }
}

/** A test case, and the databases that support it. Default all. */
export interface KindCase {
  readonly title: string;
  readonly on?: readonly (DatabaseType | DatabaseKind)[];
}

/** Selects the test cases that a kind of database supports, for `it.each` with `$title`. */
export function casesOf<Case extends KindCase>(
  cases: readonly Case[],
  kind: DatabaseKind,
): readonly Case[] {
  return cases.filter(({ on }) => !on || on.includes(kind) || on.includes(TYPE_OF_KIND[kind]));
}
