import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DatabaseTimeoutError } from './connections';

/** The properties of the drivers' errors that are used here. */
interface DriverError extends Error {
  readonly code?: string;
  /** PostgreSQL only. FATAL: the server has closed the connection. */
  readonly severity?: string;
  /** MySQL only. */
  readonly sqlState?: string;
  /** MySQL only. The connection is lost. */
  readonly fatal?: boolean;
}

/**
 * libuv's codes of failed connections and name lookups; and mysql2's, since some versions of its promise API
 * lose `fatal`.
 */
const NETWORK =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|ENOENT|PROTOCOL_CONNECTION_LOST)$/;
/** Messages of pg and pg-native about lost connections and connect timeouts. These errors have no code. */
const CONNECTION =
  /server closed the connection|^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout)|not queryable|connection is in closed state/;
/**
 * Transient SQLSTATEs: connection exception (08), transaction rollback (40), insufficient resources (53),
 * lock not available (55P03), operator intervention, including statement timeouts (57), system error (58), no
 * connection of a foreign data wrapper (HV00N), and MySQL's interrupted query (70100).
 */
const SQLSTATE = /^(08|40|53|55P03|57|58|HV00N|70100)/;
/** Errors of MySQL and MariaDB that have no specific SQLSTATE. */
const MYSQL =
  /^ER_(LOCK_WAIT_TIMEOUT|QUERY_TIMEOUT|STATEMENT_TIMEOUT|CON_COUNT_ERROR|SERVER_SHUTDOWN)$/;

/** Another connection is writing to the SQLite database (https://www.sqlite.org/rescode.html). */
const SQLITE = /^SQLITE_(BUSY|LOCKED)/;

/** Whether a server is unreachable: it refused or closed the connection, or did not respond in time. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof QueryFailedError) return isUnreachable(error.driverError);
  // TypeORM releases the query runner of a lost connection, even while it is in use.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (error instanceof DatabaseTimeoutError) return true;
  if (!(error instanceof Error)) return false;
  const { code = '', severity, fatal, message }: DriverError = error;
  if (severity === 'FATAL' || severity === 'PANIC' || fatal) return true;
  return NETWORK.test(code) || (code === '' && CONNECTION.test(message));
}

/** Whether an error is transient, so that retrying the statement may succeed. */
export function isTransient(error: unknown): boolean {
  if (isUnreachable(error)) return true;
  if (!(error instanceof Error)) return false;
  const { code, sqlState }: DriverError = error;
  return (
    [MYSQL, SQLITE].some((codes) => hasCode(error, codes)) ||
    SQLSTATE.test(String(sqlState ?? code))
  );
}

/** Whether an error has one of the codes. TypeORM copies the driver's code to its own errors. */
function hasCode(error: unknown, codes: RegExp): boolean {
  return error instanceof Error && codes.test(String((error as DriverError).code));
}

/** PostgreSQL's query_canceled (57014), and the codes of MySQL and MariaDB. */
const STATEMENT_TIMEOUT = /^(57014|ER_(QUERY|STATEMENT)_TIMEOUT)$/;

/** Whether the database canceled a statement because it took too long. A retry may take just as long. */
export function isStatementTimeout(error: unknown): boolean {
  return hasCode(error, STATEMENT_TIMEOUT);
}

/** Whether the database was too slow or did not respond at all. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DatabaseTimeoutError || isStatementTimeout(error);
}

/**
 * PostgreSQL's class 22, "Data Exception", and MySQL's error for a text that the column's character set can't
 * represent.
 */
const DATA_EXCEPTION = /^(22[\dA-Z]{3}|ER_CANT_AGGREGATE_2COLLATIONS)$/;

/** Whether a statement failed because the database can't represent a value. */
export function isDataException(error: unknown): boolean {
  return hasCode(error, DATA_EXCEPTION);
}
