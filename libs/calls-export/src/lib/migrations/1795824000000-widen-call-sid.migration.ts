import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tables } from './tables';

/** Makes room for the ids of carriers other than Twilio. PostgreSQL rewrites neither the table nor its index for that. */
export class WidenCallSid1795824000000 implements MigrationInterface {
  readonly name = 'WidenCallSid1795824000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { calls } = tables(queryRunner.connection);
    await queryRunner.query(`ALTER TABLE ${calls} ALTER COLUMN call_sid TYPE varchar(255)`);
  }

  /** Fails if a call has a longer one. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const { calls } = tables(queryRunner.connection);
    await queryRunner.query(`ALTER TABLE ${calls} ALTER COLUMN call_sid TYPE varchar(34)`);
  }
}
