import {
  type DatabaseKind,
  describeEachDatabase,
  EVERY_DATABASE,
  type TestDatabase,
  withOnePostgres,
} from '@calls/testing';
import { bareOptions, type DatabaseType } from './entities';
import { closeHostsAfterEach } from './find-host';

export const TYPE_OF_KIND: Readonly<Record<DatabaseKind, DatabaseType>> = {
  'embedded PostgreSQL': 'postgres',
  'PostgreSQL server': 'postgres',
  'MariaDB server': 'mariadb',
  SQLite: 'sqljs',
};

/** Runs a suite on each kind of database, and passes the kind to it, so that its cases may differ by kind. */
export function describeKinds(
  title: string,
  suite: (database: TestDatabase, type: DatabaseType, kind: DatabaseKind) => void,
  kinds: readonly DatabaseKind[] = withOnePostgres(EVERY_DATABASE),
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

/** A test case, and the kinds of databases it applies to. Default: all. */
export interface KindCase {
  readonly title: string;
  readonly on?: readonly (DatabaseType | DatabaseKind)[];
}

/** Returns the cases that apply to a kind of database, for `it.each` with `$title`. */
export function casesOf<Case extends KindCase>(
  cases: readonly Case[],
  kind: DatabaseKind,
): readonly Case[] {
  return cases.filter(({ on }) => !on || on.includes(kind) || on.includes(TYPE_OF_KIND[kind]));
}
