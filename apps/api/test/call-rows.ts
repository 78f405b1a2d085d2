import type { TestDatabase } from '@calls/testing';

interface CallColumns {
  id: number | string;
  account_id: number;
  call_sid: string;
  assistant_id: number | null;
  customer_phone_number: string | null;
  status: string;
  duration: number | null;
  started_at: string | null;
  ended_at: string | null;
}

/** Inserts calls and assistants, by the names of their columns. */
export class CallRows {
  private sid = 0;

  constructor(private readonly database: TestDatabase) {}

  clear(): Promise<void> {
    return this.database.dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE');
  }

  async addAssistant(accountId: number, name: string): Promise<number> {
    const [{ id }] = await this.database.dataSource.query(
      'INSERT INTO assistants (account_id, name) VALUES ($1, $2) RETURNING id',
      [accountId, name],
    );
    return id;
  }

  /** Adds a completed call of account 1 with a new SID, unless the columns say otherwise. */
  async addCall(columns: Partial<CallColumns> = {}): Promise<void> {
    const values = {
      account_id: 1,
      status: 'completed',
      call_sid: `CA${String(++this.sid).padStart(32, '0')}`,
      ...columns,
    };
    await this.database.dataSource.query(
      `INSERT INTO calls (${Object.keys(values)}) VALUES (${Object.keys(values).map((_, index) => `$${index + 1}`)})`,
      Object.values(values),
    );
  }
}
