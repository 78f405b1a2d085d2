import { answering, entitiesOn, EXACT, LOOSE, type OtherHost } from '../../../test/entities-on';
import type { DatabaseType } from '../../../test/find/entities';
import {
  InvalidAccountError,
  InvalidAfterError,
  UnexportableCallError,
} from '../model/export-errors';
import { AccountQueries } from './account-queries';
import { BY_START, type CallOrder, orderOfAll } from './call-order';
import type { ColumnFacts } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { findScanBounds } from './scan-bounds';

const CREATED: OtherHost = { idsGrow: false, calls: { createdAt: { type: 'timestamptz' } } };
const BY_CREATION = orderOfAll('createdAt');

interface Scan {
  readonly type?: DatabaseType;
  readonly host?: OtherHost;
  readonly facts?: ColumnFacts;
  readonly order?: CallOrder;
  readonly after?: number | string;
  readonly answers?: readonly (object[] | Error)[];
  /** Whether calls are in a view, whose entity declares no types. */
  readonly isView?: boolean;
}

async function boundsOf(scan: Scan) {
  const { type = 'postgres', host, facts = EXACT, order = orderOfAll('id'), after } = scan;
  const entities = await entitiesOn(type, host);
  if (scan.isView) Object.assign(entities.calls.column('id'), { type: undefined });
  const queries = new AccountQueries(entities, dialectOf(type), facts, 7);
  const { runner, statements } = answering(...(scan.answers ?? []));
  const found = await findScanBounds(queries, order, after, runner).catch((error: unknown) => ({
    error,
  }));
  return { found, statements };
}

const failing = (code: string) => Object.assign(new Error('failed'), { code });
const NEWEST = [{ c0: '41' }];

describe('The upper bound of a scan', () => {
  it.each<[string, Scan, string]>([
    [
      'the highest id',
      {},
      'SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id IS NOT NULL ORDER BY call.id DESC LIMIT 1',
    ],
    [
      'the latest creation if ids do not grow',
      { host: CREATED, order: BY_CREATION },
      'SELECT (CAST(call.createdAt AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.createdAt IS NOT NULL ORDER BY call.createdAt DESC LIMIT 1',
    ],
    [
      'the highest id, also for a scan by start',
      { order: BY_START },
      'SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id IS NOT NULL ORDER BY call.id DESC LIMIT 1',
    ],
    [
      'the highest id among accounts that the database considers equal',
      { facts: LOOSE },
      'SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id IS NOT NULL ORDER BY call.id DESC LIMIT 1',
    ],
    [
      'the result of MAX on MySQL',
      { type: 'mariadb' },
      "SELECT (CAST(MAX(call.id) AS CHAR)) AS c0 FROM calls call WHERE call.account_id = '7'",
    ],
  ])('is %s', async (_title, scan, statement) => {
    const { found, statements } = await boundsOf({ ...scan, answers: [NEWEST] });
    expect(found).toEqual({ newest: '41', after: undefined });
    expect(statements[0]).toBe(statement);
  });

  it.each<[string, object[]]>([
    ['returns no row', []],
    ['returns null', [{ c0: null }]],
  ])('is undefined if the database %s', async (_title, rows) => {
    const { found } = await boundsOf({ answers: [rows] });
    expect(found).toEqual({ newest: undefined, after: undefined });
  });

  it("fails with InvalidAccountError if the column can't store the account", async () => {
    const failure = failing('22003');
    const { found } = await boundsOf({ answers: [failure] });
    const error = (found as { error: Error }).error;
    expect(error).toBeInstanceOf(InvalidAccountError);
    expect(error.message).toBe('The account must be a value that the account column accepts');
    expect(error.cause).toBe(failure);
  });

  it("fails with the database's error", async () => {
    const failure = failing('57P01');
    expect((await boundsOf({ answers: [failure] })).found).toEqual({ error: failure });
  });
});

describe('A call without a creation time', () => {
  it('fails the export if the scan is by creation', async () => {
    const { found, statements } = await boundsOf({
      host: CREATED,
      order: BY_CREATION,
      answers: [NEWEST, [{ c0: 'x1' }]],
    });
    expect(statements[1]).toBe(
      'SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.createdAt IS NULL LIMIT 1',
    );
    expect(found).toEqual({ error: new UnexportableCallError('x1', 'createdAt', 'creation') });
  });

  it('is not looked for if ids grow', async () => {
    expect((await boundsOf({ answers: [NEWEST] })).statements).toHaveLength(1);
  });
});

describe('The lower bound of a scan', () => {
  it.each<[string, Scan, object, string[], string]>([
    ['by id', {}, { c0: '5' }, ['5'], '(CAST(call.id AS text)) AS c0'],
    [
      'by creation',
      { host: CREATED, order: BY_CREATION },
      { c0: 't', c1: '5' },
      ['t', '5'],
      '(CAST(call.createdAt AS text)) AS c0, (CAST(call.id AS text)) AS c1',
    ],
    [
      'by start',
      { order: BY_START },
      { c0: 's', c1: '5' },
      ['s', '5'],
      '(CAST(call.started_at AS text)) AS c0, (CAST(call.id AS text)) AS c1',
    ],
  ])('is the key of the call that `after` names, %s', async (_title, scan, row, key, values) => {
    const answers = scan.host ? [NEWEST, [], [row]] : [NEWEST, [row]];
    const { found, statements } = await boundsOf({ ...scan, after: 5, answers });
    expect(found).toEqual({ newest: '41', after: key });
    expect(statements.at(-1)).toBe(
      `SELECT ${values} FROM calls call WHERE call.account_id = 7 AND call.id = 5 LIMIT 1`,
    );
  });

  it('compares the id as text if the collation is loose', async () => {
    const { statements } = await boundsOf({
      facts: LOOSE,
      after: 5,
      answers: [NEWEST, [{ c0: '5' }]],
    });
    expect(statements[1]).toContain(
      "WHERE call.account_id = 7 AND CAST(call.account_id AS text) COLLATE C = '7' AND call.id = 5 AND CAST(call.id AS text) COLLATE C = '5' LIMIT 1",
    );
  });

  it('compares the id as text if the entity does not declare its type', async () => {
    const answers = [NEWEST, [{ c0: '7' }]];
    const { statements } = await boundsOf({ isView: true, after: '7a', answers });
    expect(statements[1]).toContain(
      "AND call.id = '7a' AND CAST(call.id AS text) COLLATE C = '7a' LIMIT 1",
    );
  });

  it.each<[string, object[] | Error]>([
    ['does not exist', []],
    ["can't be stored in the column", failing('22P02')],
  ])('fails with InvalidAfterError if the call %s', async (_title, answer) => {
    const { found } = await boundsOf({ after: 5, answers: [NEWEST, answer] });
    expect(found).toEqual({ error: new InvalidAfterError('unknown') });
  });

  it('fails with InvalidAfterError if the call has not started', async () => {
    const { found } = await boundsOf({
      order: BY_START,
      after: 5,
      answers: [NEWEST, [{ c0: null, c1: '5' }]],
    });
    expect(found).toEqual({ error: new InvalidAfterError('not started') });
  });

  it("fails with the database's error", async () => {
    const failure = failing('57P01');
    const { found } = await boundsOf({ after: 5, answers: [NEWEST, failure] });
    expect(found).toEqual({ error: failure });
  });
});
