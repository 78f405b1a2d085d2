import type { CallsFilter } from '../src/lib/model/calls-filter';
import { CallsQuery } from '../src/lib/reading/calls-query';
import type { ColumnFacts } from '../src/lib/reading/dialects/dialect';
import { dialectOf } from '../src/lib/reading/dialects/dialect-of';
import { answering, entitiesOn, EXACT, type OtherHost, told } from './entities-on';
import type { DatabaseType } from './find/entities';

/** The rows that a connection returns for the highest id, and for an assistant of the account. */
export const [NEWEST, OWN] = [[{ c0: '41' }], [{ own: 1 }]];

/** An export of account 7. */
export interface Export {
  readonly type?: DatabaseType;
  readonly host?: OtherHost;
  readonly filter?: CallsFilter;
  readonly facts?: ColumnFacts;
  /** The connection's results for the first statements of the export. */
  readonly answers?: readonly (object[] | Error)[];
}

/** Begins an export, and returns its query and the statements that were run. */
export async function begin({
  type = 'postgres',
  host,
  filter = {},
  facts = EXACT,
  answers = [NEWEST, OWN],
}: Export) {
  const entities = await entitiesOn(type, host);
  const { runner, statements } = answering(...answers);
  const dialect = dialectOf(type);
  const query = await CallsQuery.create(entities, dialect, facts, runner, 7, filter);
  return { query, statements };
}

/** The statement that reads the first range of an export. */
export async function read(asked: Export): Promise<string> {
  const { query } = await begin(asked);
  return told(query.matches({}).select('1').getQueryAndParameters());
}
