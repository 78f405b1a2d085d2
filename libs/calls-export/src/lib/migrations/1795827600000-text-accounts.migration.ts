import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeIntegers, makeTexts } from './change-accounts';

/** Changes `account_id` to text. Integers become their digits. */
export class TextAccounts1795827600000 implements MigrationInterface {
  readonly name = 'TextAccounts1795827600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await makeTexts(queryRunner);
  }

  /** Fails if an account is not an integer. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await makeIntegers(queryRunner);
  }
}
