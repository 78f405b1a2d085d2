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
// Random UUIDs do not say which call came first, so the export reads along the time of creation.
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

  /** Never changes. */
  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
