import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { Agent } from './agent.entity';

@Entity('phone_calls')
// Random UUIDs are not in the order of creation, so the export reads its pages by `createdAt`.
@Index(['tenantId', 'createdAt', 'id'])
@Index(['tenantId', 'startedAt', 'id'])
@Index(['agent', 'createdAt', 'id'])
export class PhoneCall {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'uuid' })
  tenantId!: string;

  @Column()
  sid!: string;

  @ManyToOne(() => Agent, { nullable: true })
  agent?: Agent | null;

  @Column({ type: 'varchar', nullable: true })
  customerNumber!: string | null;

  @Column()
  status!: string;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'numeric', precision: 12, scale: 6, nullable: true })
  price!: string | null;

  @Column({ default: false })
  isRecorded!: boolean;

  /** Must never change: exports are read in this order. */
  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
