import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/**
 * A voice assistant that answers an account's calls, in the table `assistants`.
 *
 * The column types are PostgreSQL's; on other databases use `portableEntities`.
 *
 * @publicApi
 */
@Entity('assistants')
export class Assistant {
  /** The id of the assistant. */
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  /** The account that the assistant belongs to. */
  @Index('assistants_account_id')
  @Column({ name: 'account_id', type: 'int' })
  accountId!: number;

  /** The name of the assistant. */
  @Column({ type: 'text' })
  name!: string;
}
