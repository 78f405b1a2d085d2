import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('agents')
export class Agent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'uuid' })
  tenantId!: string;

  @Column()
  displayName!: string;
}
