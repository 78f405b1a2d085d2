import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Call } from 'nestjs-calls-export';
import { type DatabaseError, Pool, type QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { ACCOUNT_COLUMNS, type AccountColumn, whyOtherType } from './account-type';
import type { AccountType } from 'nestjs-calls-export';

const TIMEOUT_MS = 3_000;

/** What keeps an export from beginning, by PostgreSQL's error codes. */
const REASONS: [codes: RegExp, reason: string][] = [
  [/^(42P01|42703|3F000)$/, 'The tables are missing or out of date: run the migrations'],
  [/^42501$/, 'The user of the database may not read the tables calls and assistants'],
  [/^(28...|3D000)$/, 'The database refuses its user, password or name'],
  [/^53300$/, 'The database has no connection left'],
];

/** What is checked of a database that can be read. */
interface Facts {
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
  // The next check finds out, on a new connection.
  pool.on('error', () => {});
  return pool;
}

/** Checks whether the database could serve an export, on a connection of its own, so that busy exports do not matter. */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private readonly pools: readonly Pool[];
  private checking?: Promise<void>;

  /**
   * @param urls of the database that exports are read from, and of one that they are read from while that can't be reached.
   * @param dataSource knows the tables.
   * @param accountType what accounts must be.
   */
  constructor(
    urls: readonly string[],
    private readonly dataSource: DataSource,
    private readonly accountType: AccountType,
  ) {
    this.pools = urls.map(poolOf);
  }

  /**
   * Callers that come during a check share it.
   *
   * @throws Error if an export could not begin; the message is a sentence that says why.
   */
  check(): Promise<void> {
    this.checking ??= this.checkNow().finally(() => (this.checking = undefined));
    return this.checking;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
  }

  private async checkNow(): Promise<void> {
    const { encoding, accounts } = await this.factsIfReadable().catch((error: DatabaseError) => {
      const [, reason] = REASONS.find(([codes]) => codes.test(error.code ?? '')) ?? [];
      throw new Error(reason ?? 'The database does not answer', { cause: error });
    });
    if (encoding !== 'UTF8') {
      throw new Error(`The encoding of the database must be UTF8, and is ${encoding}`);
    }
    const otherType = whyOtherType(this.accountType, accounts);
    if (otherType !== undefined) throw new Error(otherType);
  }

  /** Of the first database that can be reached. @throws Error if the tables can't be read there. */
  private async factsIfReadable(): Promise<Facts> {
    let failure: unknown;
    for (const pool of this.pools) {
      try {
        return await this.factsOf(pool);
      } catch (error) {
        failure = error;
        // It has answered: exports are read there, and fail.
        if ((error as DatabaseError).severity === 'ERROR') break;
      }
    }
    throw failure;
  }

  private async factsOf(pool: Pool): Promise<Facts> {
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

  /** Reads the columns that an export does, of no row. */
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
