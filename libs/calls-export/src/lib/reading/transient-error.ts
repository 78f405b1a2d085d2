import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DatabaseTimeoutError } from './connections';

/** What the drivers' errors have. */
interface DriverError extends Error {
  readonly code?: string;
  /** PostgreSQL's: FATAL is the end of the connection. */
  readonly severity?: string;
  /** MySQL's. */
  readonly sqlState?: string;
  /** MySQL's: the connection is lost. */
  readonly fatal?: boolean;
}

/** Of sockets and of looking up names (libuv); and mysql2's, whose promises have left out in some versions that an error is fatal. */
const NETWORK =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|ENOENT|PROTOCOL_CONNECTION_LOST)$/;
/** What pg and pg-native say without a code, of a connection that is lost or was not got in time. */
const CONNECTION =
  /server closed the connection|^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout)|not queryable|connection is in closed state/;
/**
 * By the first characters of the SQLSTATE: connection exception (08), transaction rollback (40), insufficient resources
 * (53), lock not available (55P03), operator intervention, which a statement's timeout is (57), system error (58),
 * a foreign data wrapper that has no connection (HV00N); and MySQL's for an interrupted query (70100).
 */
const SQLSTATE = /^(08|40|53|55P03|57|58|HV00N|70100)/;
/** MySQL and MariaDB have these without a SQLSTATE of their own. */
const MYSQL =
  /^ER_(LOCK_WAIT_TIMEOUT|QUERY_TIMEOUT|STATEMENT_TIMEOUT|CON_COUNT_ERROR|SERVER_SHUTDOWN)$/;

/** Another connection of SQLite's writes (https://www.sqlite.org/rescode.html). */
const SQLITE = /^SQLITE_(BUSY|LOCKED)/;

/** Whether a server can't be connected to, has ended the connection or does not answer, so that another one may. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof QueryFailedError) return isUnreachable(error.driverError);
  // TypeORM gives back a connection that is lost, whoever goes on to use it.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (error instanceof DatabaseTimeoutError) return true;
  if (!(error instanceof Error)) return false;
  const { code = '', severity, fatal, message }: DriverError = error;
  if (severity === 'FATAL' || severity === 'PANIC' || fatal) return true;
  return NETWORK.test(code) || (code === '' && CONNECTION.test(message));
}

/** Whether a database's error is expected to pass by itself, so that the same statement may succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (isUnreachable(error)) return true;
  if (!(error instanceof Error)) return false;
  const { code, sqlState }: DriverError = error;
  return (
    [MYSQL, SQLITE].some((codes) => hasCode(error, codes)) ||
    SQLSTATE.test(String(sqlState ?? code))
  );
}

/** Whether an error has one of the codes. TypeORM's errors have those of the drivers' errors too. */
function hasCode(error: unknown, codes: RegExp): boolean {
  return error instanceof Error && codes.test(String((error as DriverError).code));
}

/** Of a statement that was cancelled, on MySQL and MariaDB; PostgreSQL's is 57014. */
const STATEMENT_TIMEOUT = /^(57014|ER_(QUERY|STATEMENT)_TIMEOUT)$/;

/** Whether the database has given up a statement since it took too long, which the same one may do again and again. */
export function isStatementTimeout(error: unknown): boolean {
  return hasCode(error, STATEMENT_TIMEOUT);
}

/** Whether the database was too slow, or did not answer at all. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DatabaseTimeoutError || isStatementTimeout(error);
}

/** PostgreSQL's class 22, "Data Exception", and MySQL's for a text that the column's character set has no way to write. */
const DATA_EXCEPTION = /^(22[\dA-Z]{3}|ER_CANT_AGGREGATE_2COLLATIONS)$/;

/** Whether a statement failed since a value is none that the database has a place for. */
export function isDataException(error: unknown): boolean {
  return hasCode(error, DATA_EXCEPTION);
}
