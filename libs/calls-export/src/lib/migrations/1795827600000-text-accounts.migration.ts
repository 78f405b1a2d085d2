import type { MigrationInterface, QueryRunner } from 'typeorm';
import { makeIntegers, makeTexts } from './change-accounts';

/** Makes accounts texts. Integers become their digits. */
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
