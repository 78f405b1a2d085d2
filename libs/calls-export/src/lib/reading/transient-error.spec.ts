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

/** An error as pg creates it. */
const postgres = (code: string, severity = 'ERROR') => error('failed', { code, severity });

/** An error as mysql2 creates it. */
const mysql = (code: string, sqlState: string) => error('failed', { code, sqlState });

/** Codes of socket errors of Node.js. */
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

/** Messages of driver errors without a code. */
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
  // In some versions, the promise API of mysql2 loses `fatal`.
  ['a lost connection', error('lost', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })],
  ['a lost connection, from the promise API', error('lost', { code: 'PROTOCOL_CONNECTION_LOST' })],
  ['a closed connection', error('connection is in closed state', { fatal: true })],
  ['a database that does not respond', new DatabaseTimeoutError(60)],
  ['a connection that TypeORM has released', new QueryRunnerAlreadyReleasedError()],
];

/** The server responds, and a retry may succeed. */
const TEMPORARY: [string, Error][] = [
  ...[
    // Connection exceptions, such as those of a foreign data wrapper.
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
    // System errors: I/O.
    '58000',
    '58030',
    'HV00N',
  ].map((code): [string, Error] => [`SQLSTATE ${code}`, postgres(code)]),
  ['ER_LOCK_DEADLOCK', mysql('ER_LOCK_DEADLOCK', '40001')],
  // From a Galera node that has not joined its cluster.
  ['ER_UNKNOWN_COM_ERROR', mysql('ER_UNKNOWN_COM_ERROR', '08S01')],
  ['ER_CONNECTION_KILLED', mysql('ER_CONNECTION_KILLED', '70100')],
  ['ER_QUERY_INTERRUPTED', mysql('ER_QUERY_INTERRUPTED', '70100')],
  ['ER_STATEMENT_TIMEOUT', mysql('ER_STATEMENT_TIMEOUT', '70100')],
  // Errors with a generic SQLSTATE, or sent before the handshake, without one.
  ['ER_LOCK_WAIT_TIMEOUT', mysql('ER_LOCK_WAIT_TIMEOUT', 'HY000')],
  ['ER_QUERY_TIMEOUT', mysql('ER_QUERY_TIMEOUT', 'HY000')],
  ['ER_STATEMENT_TIMEOUT with a generic SQLSTATE', mysql('ER_STATEMENT_TIMEOUT', 'HY000')],
  ['ER_CON_COUNT_ERROR', mysql('ER_CON_COUNT_ERROR', '')],
  ['ER_SERVER_SHUTDOWN', mysql('ER_SERVER_SHUTDOWN', '')],
  ['SQLITE_BUSY', error('database is locked', { code: 'SQLITE_BUSY' })],
  ['SQLITE_BUSY_SNAPSHOT', error('database is locked', { code: 'SQLITE_BUSY_SNAPSHOT' })],
  ['SQLITE_LOCKED', error('table is locked', { code: 'SQLITE_LOCKED' })],
  ['SQLITE_LOCKED_SHAREDCACHE', error('locked', { code: 'SQLITE_LOCKED_SHAREDCACHE' })],
];

const PERMANENT: [string, unknown][] = [
  // Classes that are not transient, and codes that only contain a transient one.
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
  ['another SQLSTATE of MySQL', mysql('ER_SIGNAL_EXCEPTION', '70101')],
  // A code of MySQL is not compared with SQLSTATEs.
  ['a code of MySQL that looks like a transient SQLSTATE', mysql('08S01', '42000')],
  ['a code that ends like a transient one', mysql('MY_ER_QUERY_TIMEOUT', 'HY000')],
  ['a code that starts like a transient one', mysql('ER_QUERY_TIMEOUT_LIKE', 'HY000')],
  ['a permanent error of MySQL that is not fatal', error('no', { code: 'ER_NO', fatal: false })],
  ['SQLITE_ERROR', error('no such table: calls', { code: 'SQLITE_ERROR' })],
  ['SQLITE_CORRUPT', error('malformed', { code: 'SQLITE_CORRUPT' })],
  ['a code that ends like one of SQLite', error('no', { code: 'NOT_SQLITE_BUSY' })],
  ...SOCKETS.flatMap((code): [string, Error][] => [
    [`X${code}`, error('no', { code: `X${code}` })],
    [`${code}X`, error('no', { code: `${code}X` })],
  ]),
  ['ECONN', error('no', { code: 'ECONN' })],
  ['EACCES', error('permission denied', { code: 'EACCES' })],
  ['a WARNING', postgres('01000', 'WARNING')],
  ['a message with another code', error('timeout expired', { code: 'EOTHER' })],
  ['a message that quotes a transient one', error('no: Connection terminated')],
  ['a message that quotes another transient one', error('the timeout expired')],
  ['a programming error', new TypeError("Cannot read properties of undefined (reading 'id')")],
  [
    'an object that looks like an error',
    { code: 'ECONNRESET', fatal: true, message: 'timeout expired' },
  ],
  ['a string', 'timeout expired'],
  ['nothing', undefined],
  ['null', null],
];

const withQuery = (fault: unknown): unknown[] =>
  fault instanceof Error ? [fault, failed(fault)] : [fault];

describe('isUnreachable', () => {
  it.each(UNREACHABLE)('is true for %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isUnreachable(each)).toBe(true);
  });

  it.each([...TEMPORARY, ...PERMANENT])('is false for %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isUnreachable(each)).toBe(false);
  });
});

describe('isTransient', () => {
  it.each([...UNREACHABLE, ...TEMPORARY])('is true for %s', (_, fault) => {
    for (const each of withQuery(fault)) expect(isTransient(each)).toBe(true);
  });

  it.each(PERMANENT)('is false for %s', (_, fault) => {
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
  it.each(TIMEOUTS)('is true for $code', (fault) => {
    for (const each of withQuery(fault)) expect(isStatementTimeout(each)).toBe(true);
  });

  it.each([...NO_TIMEOUTS, new DatabaseTimeoutError(60)])('is false for %j', (fault) => {
    for (const each of withQuery(fault)) expect(isStatementTimeout(each)).toBe(false);
  });
});

describe('isTimeout', () => {
  it.each([...TIMEOUTS, new DatabaseTimeoutError(60)])('is true for %s', (fault) => {
    expect(isTimeout(fault)).toBe(true);
  });

  it.each(NO_TIMEOUTS)('is false for %j', (fault) => {
    for (const each of withQuery(fault)) expect(isTimeout(each)).toBe(false);
  });
});

describe('isDataException', () => {
  it.each(['22003', '22008', '22021', '22P02', '2200M', 'ER_CANT_AGGREGATE_2COLLATIONS'])(
    'is true for %s',
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
  ])('is false for %s', (code) => {
    for (const each of withQuery(error('no', { code }))) expect(isDataException(each)).toBe(false);
  });

  it('is false for values that are not errors', () => {
    for (const each of [{ code: '22003' }, '22003', undefined, null]) {
      expect(isDataException(each)).toBe(false);
    }
  });
});
