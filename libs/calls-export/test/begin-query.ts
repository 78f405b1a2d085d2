import type { CallsFilter } from '../src/lib/model/calls-filter';
import { CallsQuery } from '../src/lib/reading/calls-query';
import type { ColumnFacts } from '../src/lib/reading/dialects/dialect';
import { dialectOf } from '../src/lib/reading/dialects/dialect-of';
import { answering, entitiesOn, EXACT, type OtherHost, told } from './entities-on';
import type { DatabaseType } from './find/entities';

/** What a connection gives for the greatest id, and for an assistant of the account's. */
export const [NEWEST, OWN] = [[{ c0: '41' }], [{ own: 1 }]];

/** An export of the account 7. */
export interface Export {
  readonly type?: DatabaseType;
  readonly host?: OtherHost;
  readonly filter?: CallsFilter;
  readonly facts?: ColumnFacts;
  /** What the connection answers to what the export begins with. */
  readonly answers?: readonly (object[] | Error)[];
}

/** Begins it, and gives the statements that it begins with. */
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

/** What an export reads of its first range. */
export async function read(asked: Export): Promise<string> {
  const { query } = await begin(asked);
  return told(query.matches({}).select('1').getQueryAndParameters());
}
