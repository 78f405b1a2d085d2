import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Call } from 'nestjs-calls-export';
import { type DatabaseError, Pool, type QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { ACCOUNT_COLUMNS, type AccountColumn, accountTypeMismatch } from './account-type';
import type { AccountType } from 'nestjs-calls-export';

const TIMEOUT_MS = 3_000;

/** Why an export can't start, by PostgreSQL error code. */
const REASONS: [codes: RegExp, reason: string][] = [
  [/^(42P01|42703|3F000)$/, 'The tables are missing or out of date: run the migrations'],
  [/^42501$/, 'The database user lacks permission to read the tables calls and assistants'],
  [/^(28...|3D000)$/, 'The database rejected the user, the password or the database name'],
  [/^53300$/, 'The database has no free connections'],
];

/** What is checked once the tables are readable. */
interface DatabaseState {
  readonly encoding: string | undefined;
  readonly accounts: readonly AccountColumn[];
}

function poolOf(connectionString: string): Pool {
  const pool = new Pool({
    connectionString,
    application_name: 'calls-export-health',
    max: 1,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  // The next check opens a new connection and reports the error.
  pool.on('error', () => {});
  return pool;
}

/**
 * Checks whether the database can serve an export. It uses its own connections, so that running exports can't
 * delay it.
 */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private readonly pools: readonly Pool[];
  private checking?: Promise<void>;

  /**
   * @param urls the database that exports read from, then the fallback, if any.
   * @param dataSource for the table metadata.
   * @param accountType the required type of account ids.
   */
  constructor(
    urls: readonly string[],
    private readonly dataSource: DataSource,
    private readonly accountType: AccountType,
  ) {
    this.pools = urls.map(poolOf);
  }

  /**
   * Checks the database. Concurrent callers share one check.
   *
   * @throws Error if an export can't start. The message is a sentence that says why.
   */
  check(): Promise<void> {
    this.checking ??= this.checkNow().finally(() => (this.checking = undefined));
    return this.checking;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
  }

  private async checkNow(): Promise<void> {
    const { encoding, accounts } = await this.readState().catch((error: DatabaseError) => {
      const [, reason] = REASONS.find(([codes]) => codes.test(error.code ?? '')) ?? [];
      throw new Error(reason ?? 'The database does not respond', { cause: error });
    });
    if (encoding !== 'UTF8') {
      throw new Error(`The database encoding must be UTF8, got ${encoding}`);
    }
    const mismatch = accountTypeMismatch(this.accountType, accounts);
    if (mismatch !== undefined) throw new Error(mismatch);
  }

  /**
   * Reads the state of the first reachable database.
   *
   * @throws Error if its tables can't be read.
   */
  private async readState(): Promise<DatabaseState> {
    let failure: unknown;
    for (const pool of this.pools) {
      try {
        return await this.stateOf(pool);
      } catch (error) {
        failure = error;
        // This database responded with an error, so exports would also use it and fail.
        if ((error as DatabaseError).severity === 'ERROR') break;
      }
    }
    throw failure;
  }

  private async stateOf(pool: Pool): Promise<DatabaseState> {
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      const results = (await client.query(
        `${this.emptyExport()}; SHOW server_encoding; ${ACCOUNT_COLUMNS}`,
      )) as unknown as QueryResult[];
      return {
        encoding: results[1]?.rows[0].server_encoding,
        accounts: results[2]?.rows ?? [],
      };
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }

  /** Returns a query with the columns of an export and without rows. */
  private emptyExport(): string {
    const calls = this.dataSource.getRepository(Call);
    const columns = calls.metadata.columns.filter(({ isCreateDate }) => !isCreateDate);
    return calls
      .createQueryBuilder('call')
      .select(columns.map(({ propertyPath }) => `call.${propertyPath}`))
      .leftJoinAndSelect('call.assistant', 'assistant')
      .where('FALSE')
      .getQuery();
  }
}
