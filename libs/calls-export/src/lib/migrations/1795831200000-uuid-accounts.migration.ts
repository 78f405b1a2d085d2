import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeIntegers, makeUuids } from './change-accounts';

/** Makes accounts UUIDs, which tables without rows and texts that are UUIDs can become. */
export class UuidAccounts1795831200000 implements MigrationInterface {
  readonly name = 'UuidAccounts1795831200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await makeUuids(queryRunner);
  }

  /** Fails if there are rows, since no UUID is an integer. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await makeIntegers(queryRunner);
  }
}
