import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeIntegers, makeUuids } from './change-accounts';

/** Changes `account_id` to uuid. The tables must be empty or hold only UUIDs as text. */
export class UuidAccounts1795831200000 implements MigrationInterface {
  readonly name = 'UuidAccounts1795831200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await makeUuids(queryRunner);
  }

  /** Fails unless the tables are empty, since a UUID can't become an integer. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await makeIntegers(queryRunner);
  }
}
