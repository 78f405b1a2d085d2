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

/** One of each: the server where there is one, since it is faster than the embedded PostgreSQL. */
const QUICK_KINDS = EVERY_DATABASE.filter(
  (kind) => kind !== 'embedded PostgreSQL' || !process.env['TEST_DATABASE_URL'],
);

/** Runs a suite on each kind of database, which it is told, so that its tables of cases may be of the kind. */
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

/** A case of a table, and the kinds of databases that have it; every one if it names none. */
export interface KindCase {
  readonly title: string;
  readonly on?: readonly (DatabaseType | DatabaseKind)[];
}

/** The cases that a kind of database has, to be given to `it.each` with `$title`. */
export function casesOf<Case extends KindCase>(
  cases: readonly Case[],
  kind: DatabaseKind,
): readonly Case[] {
  return cases.filter(({ on }) => !on || on.includes(kind) || on.includes(TYPE_OF_KIND[kind]));
}
