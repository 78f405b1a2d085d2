import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Assistant, Call, CallsExportModule, portableEntities } from 'nestjs-calls-export';
import { DataSource } from 'typeorm';
import { JwtStrategy } from './jwt.strategy';

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'sqljs', autoLoadEntities: true, synchronize: true }),
    CallsExportModule.forRoot({ ...portableEntities('sqljs'), pageSize: 2 }),
  ],
  providers: [JwtStrategy],
})
export class AppModule implements OnApplicationBootstrap {
  constructor(private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    const { id } = await this.dataSource
      .getRepository(Assistant)
      .save({ accountId: 1, name: 'Support Bot' });
    const call = { accountId: 1, status: 'completed', duration: 300, assistantId: id };
    const at = (time: string) => new Date(`2023-10-30T${time}Z`);
    await this.dataSource.getRepository(Call).insert([
      {
        ...call,
        callSid: 'CA1',
        customerPhoneNumber: '+15559876543',
        startedAt: at('10:00:00'),
        endedAt: at('10:05:00'),
      },
      { accountId: 2, status: 'completed', callSid: 'CA2' },
      { accountId: 1, status: 'queued', callSid: 'CA3' },
    ]);
  }
}
