import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tables } from './tables';

/** Widens `call_sid` for carriers other than Twilio. PostgreSQL does not rewrite the table or its index. */
export class WidenCallSid1795824000000 implements MigrationInterface {
  readonly name = 'WidenCallSid1795824000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { calls } = tables(queryRunner.connection);
    await queryRunner.query(`ALTER TABLE ${calls} ALTER COLUMN call_sid TYPE varchar(255)`);
  }

  /** Fails if a `call_sid` has more than 34 characters. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const { calls } = tables(queryRunner.connection);
    await queryRunner.query(`ALTER TABLE ${calls} ALTER COLUMN call_sid TYPE varchar(34)`);
  }
}
