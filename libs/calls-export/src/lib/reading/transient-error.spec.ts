import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DatabaseTimeoutError } from './connections';
import {
  isDataException,
  isStatementTimeout,
  isTimeout,
  isTransient,
  isUnreachable,
} from './transient-error';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const failed = (fault: Error) => new QueryFailedError('SELECT', [], fault);

/** As pg makes them of the server's messages. */
const postgres = (code: string, severity = 'ERROR') => error('failed', { code, severity });

/** As mysql2 makes them of the server's packets. */
const mysql = (code: string, sqlState: string) => error('failed', { code, sqlState });

/** Of Node.js. */
const SOCKETS = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
];

/** What drivers say without a code. */
const MESSAGES = [
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'server closed the connection unexpectedly',
  'FATAL: server closed the connection unexpectedly',
  "Can't add new command when connection is in closed state",
];

const UNREACHABLE: [string, unknown][] = [
  ...SOCKETS.map((code): [string, Error] => [code, error(`connect ${code}`, { code })]),
  ...MESSAGES.map((message): [string, Error] => [message, error(message)]),
  ['a FATAL message of PostgreSQL', postgres('28000', 'FATAL')],
  ['a PANIC of PostgreSQL', postgres('XX000', 'PANIC')],
  ['a fatal error of mysql2', error('no', { code: 'ER_UNKNOWN_ERROR', fatal: true })],
  // As mysql2 has it by its callbacks and, in some versions, by its promises.
  ['a lost connection', error('lost', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })],
  ['a lost connection, by a promise', error('lost', { code: 'PROTOCOL_CONNECTION_LOST' })],
  ['a closed connection', error('connection is in closed state', { fatal: true })],
  ['a database that does not answer', new DatabaseTimeoutError(60)],
  ['a connection that TypeORM has given back', new QueryRunnerAlreadyReleasedError()],
];

/** The server answers, and may answer otherwise a little later. */
const PASSING: [string, Error][] = [
  ...[
    // Connection exceptions, as of a server behind a foreign data wrapper.
    '08000',
    '08001',
    '08003',
    '08006',
    '08P01',
    // Transaction rollbacks: serialization, deadlock.
    '40000',
    '40001',
    '40P01',
    // Insufficient resources: disk, memory, connections.
    '53000',
    '53100',
    '53200',
    '53300',
    '53400',
    '55P03',
    // Operator intervention: a timeout, a shutdown, a crash, a start.
    '57000',
    '57014',
    '57P01',
    '57P02',
    '57P03',
    '57P05',
    // System errors: input and output.
    '58000',
    '58030',
    'HV00N',
  ].map((code): [string, Error] => [`SQLSTATE ${code}`, postgres(code)]),
  ['ER_LOCK_DEADLOCK', mysql('ER_LOCK_DEADLOCK', '40001')],
  // Of a node of a Galera cluster that has not joined it.
  ['ER_UNKNOWN_COM_ERROR', mysql('ER_UNKNOWN_COM_ERROR', '08S01')],
  ['ER_CONNECTION_KILLED', mysql('ER_CONNECTION_KILLED', '70100')],
  ['ER_QUERY_INTERRUPTED', mysql('ER_QUERY_INTERRUPTED', '70100')],
  ['ER_STATEMENT_TIMEOUT', mysql('ER_STATEMENT_TIMEOUT', '70100')],
  // Those that say nothing by their SQLSTATE, or were sent before the greeting, without one.
  ['ER_LOCK_WAIT_TIMEOUT', mysql('ER_LOCK_WAIT_TIMEOUT', 'HY000')],
  ['ER_QUERY_TIMEOUT', mysql('ER_QUERY_TIMEOUT', 'HY000')],
  ['ER_STATEMENT_TIMEOUT, by its name', mysql('ER_STATEMENT_TIMEOUT', 'HY000')],
  ['ER_CON_COUNT_ERROR', mysql('ER_CON_COUNT_ERROR', '')],
  ['ER_SERVER_SHUTDOWN', mysql('ER_SERVER_SHUTDOWN', '')],
  ['SQLITE_BUSY', error('database is locked', { code: 'SQLITE_BUSY' })],
  ['SQLITE_BUSY_SNAPSHOT', error('database is locked', { code: 'SQLITE_BUSY_SNAPSHOT' })],
  ['SQLITE_LOCKED', error('table is locked', { code: 'SQLITE_LOCKED' })],
  ['SQLITE_LOCKED_SHAREDCACHE', error('locked', { code: 'SQLITE_LOCKED_SHAREDCACHE' })],
];

const LASTING: [string, unknown][] = [
  // Of classes that are not passing, or whose digits are those of one elsewhere.
  ...[
    '00000',
    '02000',
    '22003',
    '22008',
    '22P02',
    '25006',
    '25P02',
    '28P01',
    '34000',
    '3D000',
    '42501',
    '42P01',
    '42P08',
    '54000',
    '55000',
    '55006',
    '56000',
    '0A000',
    '09000',
    '41000',
    'HV000',
    'HV00R',
    'XX000',
    'X0840',
  ].map((code): [string, Error] => [`SQLSTATE ${code}`, postgres(code)]),
  ['ER_NO_SUCH_TABLE', mysql('ER_NO_SUCH_TABLE', '42S02')],
  ['ER_ACCESS_DENIED_ERROR', mysql('ER_ACCESS_DENIED_ERROR', '28000')],
  ['a SQLSTATE of MySQL that is no such one', mysql('ER_SIGNAL_EXCEPTION', '70101')],
  // MySQL's names begin with no SQLSTATE, whatever its SQLSTATE is.
  ['a code where the SQLSTATE says otherwise', mysql('08S01', '42000')],
  ['a name that ends as another', mysql('MY_ER_QUERY_TIMEOUT', 'HY000')],
  ['a name that begins as another', mysql('ER_QUERY_TIMEOUT_LIKE', 'HY000')],
  ['a lasting error of MySQL that is not fatal', error('no', { code: 'ER_NO', fatal: false })],
  ['SQLITE_ERROR', error('no such table: calls', { code: 'SQLITE_ERROR' })],
  ['SQLITE_CORRUPT', error('malformed', { code: 'SQLITE_CORRUPT' })],
  ['a name that ends as that of SQLite', error('no', { code: 'NOT_SQLITE_BUSY' })],
  ...SOCKETS.flatMap((code): [string, Error][] => [
    [`X${code}`, error('no', { code: `X${code}` })],
    [`${code}X`, error('no', { code: `${code}X` })],
  ]),
  ['ECONN', error('no', { code: 'ECONN' })],
  ['EACCES', error('permission denied', { code: 'EACCES' })],
  ['a WARNING', postgres('01000', 'WARNING')],
  ['a message with another code', error('timeout expired', { code: 'EOTHER' })],
  ['a message that quotes one', error('no: Connection terminated')],
  ['a message that quotes another', error('the timeout expired')],
  ['a mistake', new TypeError("Cannot read properties of undefined (reading 'id')")],
  ['an object like an error', { code: 'ECONNRESET', fatal: true, message: 'timeout expired' }],
  ['a text', 'timeout expired'],
  ['nothing', undefined],
  ['null', null],
];

const withQuery = (fault: unknown): unknown[] =>
  fault instanceof Error ? [fault, failed(fault)] : [fault];

describe('isUnreachable', () => {
  it.each(UNREACHABLE)('is true of %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isUnreachable(each)).toBe(true);
  });

  it.each([...PASSING, ...LASTING])('is false of %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isUnreachable(each)).toBe(false);
  });
});

describe('isTransient', () => {
  it.each([...UNREACHABLE, ...PASSING])('is true of %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isTransient(each)).toBe(true);
  });

  it.each(LASTING)('is false of %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isTransient(each)).toBe(false);
  });
});

const TIMEOUTS = [
  postgres('57014'),
  mysql('ER_QUERY_TIMEOUT', 'HY000'),
  mysql('ER_STATEMENT_TIMEOUT', '70100'),
];
const NO_TIMEOUTS = [
  postgres('57P01'),
  postgres('570140'),
  postgres('X57014'),
  mysql('ER_LOCK_WAIT_TIMEOUT', 'HY000'),
  mysql('ER_QUERY_INTERRUPTED', '70100'),
  error('statement timeout'),
  { code: '57014' },
  undefined,
];

describe('isStatementTimeout', () => {
  it.each(TIMEOUTS)('is true of $code', (fault) => {
    for (const each of withQuery(fault)) expect(isStatementTimeout(each)).toBe(true);
  });

  it.each([...NO_TIMEOUTS, new DatabaseTimeoutError(60)])('is false of %j', (fault) => {
    for (const each of withQuery(fault)) expect(isStatementTimeout(each)).toBe(false);
  });
});

describe('isTimeout', () => {
  it.each([...TIMEOUTS, new DatabaseTimeoutError(60)])('is true of %s', (fault) => {
    expect(isTimeout(fault)).toBe(true);
  });

  it.each(NO_TIMEOUTS)('is false of %j', (fault) => {
    for (const each of withQuery(fault)) expect(isTimeout(each)).toBe(false);
  });
});

describe('isDataException', () => {
  it.each(['22003', '22008', '22021', '22P02', '2200M', 'ER_CANT_AGGREGATE_2COLLATIONS'])(
    'is true of %s',
    (code) => {
      for (const each of withQuery(error('no', { code }))) expect(isDataException(each)).toBe(true);
    },
  );

  it.each([
    '22',
    '2200',
    '220030',
    '22p02',
    'X22003',
    '23505',
    '42883',
    'ER_CANT_AGGREGATE_3COLLATIONS',
    'ER_CANT_AGGREGATE_2COLLATIONS_',
    'X_ER_CANT_AGGREGATE_2COLLATIONS',
    undefined,
  ])('is false of %s', (code) => {
    for (const each of withQuery(error('no', { code }))) expect(isDataException(each)).toBe(false);
  });

  it('is false of what is no error', () => {
    for (const each of [{ code: '22003' }, '22003', undefined, null]) {
      expect(isDataException(each)).toBe(false);
    }
  });
});
