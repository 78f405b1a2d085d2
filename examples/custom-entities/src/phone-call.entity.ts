import {
  Column,
  DeleteDateColumn,
  Entity,
  Index,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { Agent } from './agent.entity';

@Entity('phone_calls')
// The export reads its pages by these indexes, so each page is fast however many calls there are.
@Index(['tenantId', 'id'])
@Index(['tenantId', 'startedAt', 'id'])
@Index(['agent', 'id'])
export class PhoneCall {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ type: 'uuid' })
  tenantId!: string;

  @Column()
  sid!: string;

  @ManyToOne(() => Agent, { nullable: true })
  agent?: Agent | null;

  @Column({ type: 'varchar', nullable: true })
  customerNumber!: string | null;

  @Column({ type: 'enum', enum: ['ringing', 'completed', 'voicemail'] })
  status!: string;

  @Column({ type: 'int', nullable: true })
  seconds!: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** Soft-deleted calls are not exported. */
  @DeleteDateColumn()
  deletedAt!: Date | null;
}
