import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { Assistant } from './assistant.entity';

/**
 * A phone call of an account, in the table `calls`.
 *
 * The column types are PostgreSQL's; on other databases use `portableEntities`.
 *
 * @publicApi
 */
@Entity('calls')
@Index('calls_account_id_id', ['accountId', 'id'])
@Index('calls_account_id_started_at_id', ['accountId', 'startedAt', 'id'])
@Index('calls_assistant_id_id', ['assistantId', 'id'])
export class Call {
  /** A bigint as a string, since a JavaScript number is exact only up to 2^53. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  /** The account that the call belongs to. */
  @Column({ name: 'account_id', type: 'int' })
  accountId!: number;

  /** The carrier's id of the call, such as a Twilio call SID (`CA` and 32 hexadecimal digits) or a UUID. */
  @Column({ name: 'call_sid', type: 'varchar', length: 255, unique: true })
  callSid!: string;

  /** The id of the assistant that answered the call. */
  @Column({ name: 'assistant_id', type: 'int', nullable: true })
  assistantId!: number | null;

  /** The assistant that answered the call. */
  @ManyToOne(() => Assistant, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn({ name: 'assistant_id', foreignKeyConstraintName: 'calls_assistant_id_fkey' })
  assistant?: Relation<Assistant> | null;

  /** The customer's phone number, usually in E.164 format. */
  @Column({ name: 'customer_phone_number', type: 'varchar', nullable: true })
  customerPhoneNumber!: string | null;

  /** The status, such as one of `CALL_STATUSES`. */
  @Column({ type: 'varchar' })
  status!: string;

  /** In whole seconds; null until the call ends. */
  @Column({ type: 'int', nullable: true })
  duration!: number | null;

  /** Null until the call is connected. */
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  /** Null until the call ends. */
  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** When the row was created. */
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
