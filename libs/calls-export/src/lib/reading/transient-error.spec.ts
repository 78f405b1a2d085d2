import { DatabaseError } from 'pg';
import { QueryFailedError } from 'typeorm';
import { DatabaseTimeoutError } from './connections';
import { isTransient } from './transient-error';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

function postgres(code: string, message: string, severity = 'ERROR'): Error {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code, severity });
}

/** As mysql2 makes them of the server's packets. */
function mysql(code: string, errno: number, sqlState: string, message: string): Error {
  return error(message, { code, errno, sqlState, sqlMessage: message });
}

const PASSING: [string, Error][] = [
  ...Object.entries({
    '57P01': 'terminating connection due to administrator command',
    '57P03': 'the database system is starting up',
    '28000': 'no pg_hba.conf entry for host',
  }).map(([code, message]): [string, Error] => [
    `FATAL ${message}`,
    postgres(code, message, 'FATAL'),
  ]),
  ...Object.entries({
    '08006': 'connection failure',
    // Of a server behind a foreign data wrapper.
    '08001': 'could not connect to server "shard_1"',
    '57P01': 'terminating connection due to administrator command',
    HV00N: 'could not connect to the remote server',
    '40001': 'could not serialize access due to concurrent update',
    '40P01': 'deadlock detected',
    '53200': 'out of memory',
    '53300': 'too many connections',
    '55P03': 'could not obtain lock on relation',
    '57014': 'canceling statement due to statement timeout',
    '58030': 'could not read block',
  }).map(([code, message]): [string, Error] => [message, postgres(code, message)]),
  ...[
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
  ].map((code): [string, Error] => [code, error(`connect ${code}`, { code, syscall: 'connect' })]),
  ...[
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ].map((message): [string, Error] => [message, error(message)]),
  ['ER_LOCK_DEADLOCK', mysql('ER_LOCK_DEADLOCK', 1213, '40001', 'Deadlock found')],
  ['ER_LOCK_WAIT_TIMEOUT', mysql('ER_LOCK_WAIT_TIMEOUT', 1205, 'HY000', 'Lock wait timeout')],
  // Of a node of a Galera cluster.
  [
    'ER_UNKNOWN_COM_ERROR',
    mysql('ER_UNKNOWN_COM_ERROR', 1047, '08S01', 'WSREP has not yet prepared node'),
  ],
  ['ER_CONNECTION_KILLED', mysql('ER_CONNECTION_KILLED', 1927, '70100', 'was killed')],
  ['ER_QUERY_INTERRUPTED', mysql('ER_QUERY_INTERRUPTED', 1317, '70100', 'was interrupted')],
  ['ER_STATEMENT_TIMEOUT', mysql('ER_STATEMENT_TIMEOUT', 1969, '70100', 'max_statement_time')],
  ['ER_QUERY_TIMEOUT', mysql('ER_QUERY_TIMEOUT', 3024, 'HY000', 'maximum execution time')],
  ['ER_CON_COUNT_ERROR', mysql('ER_CON_COUNT_ERROR', 1040, '08004', 'Too many connections')],
  ['ER_SERVER_SHUTDOWN', mysql('ER_SERVER_SHUTDOWN', 1053, '08S01', 'shutdown in progress')],
  [
    'PROTOCOL_CONNECTION_LOST',
    error('Connection lost', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }),
  ],
  [
    'a closed connection of mysql2',
    error("Can't add new command when connection is in closed state", { fatal: true }),
  ],
  ['SQLITE_BUSY', error('database is locked', { code: 'SQLITE_BUSY' })],
  ['SQLITE_LOCKED', error('database table is locked', { code: 'SQLITE_LOCKED_SHAREDCACHE' })],
  ['a database that does not answer', new DatabaseTimeoutError(60)],
];

const LASTING: [string, unknown][] = [
  ['another error of a foreign data wrapper', postgres('HV00R', 'table not found')],
  ['a missing table', postgres('42P01', 'relation "calls" does not exist')],
  ['a missing right', postgres('42501', 'permission denied for table calls')],
  ['a value out of range', postgres('22003', 'integer out of range')],
  ['a missing table of MySQL', mysql('ER_NO_SUCH_TABLE', 1146, '42S02', "Table doesn't exist")],
  ['a wrong password of MySQL', mysql('ER_ACCESS_DENIED_ERROR', 1045, '28000', 'Access denied')],
  ['a missing table of SQLite', error('no such table: calls', { code: 'SQLITE_ERROR' })],
  ['a corrupt file of SQLite', error('malformed', { code: 'SQLITE_CORRUPT' })],
  ['a mistake', new TypeError("Cannot read properties of undefined (reading 'id')")],
  ['an error with another code', error('timeout expired', { code: 'EOTHER' })],
  ['no error', 'timeout expired'],
  ['nothing', undefined],
];

describe('isTransient', () => {
  it.each(PASSING)('is true of %s', (_, fault) => {
    expect(isTransient(fault)).toBe(true);
    expect(isTransient(new QueryFailedError('SELECT', [], fault))).toBe(true);
  });

  it.each(LASTING)('is false of %s', (_, fault) => {
    expect(isTransient(fault)).toBe(false);
    if (fault instanceof Error) {
      expect(isTransient(new QueryFailedError('SELECT', [], fault))).toBe(false);
    }
  });
});
