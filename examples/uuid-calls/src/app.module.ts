import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type CallsExportColumn, CallsExportModule } from 'nestjs-calls-export';
import { Agent } from './agent.entity';
import { type Authenticated, JwtStrategy } from './jwt.strategy';
import { PhoneCall } from './phone-call.entity';

/** The columns of a file, with the phone number as it is given. */
function columns(phone: CallsExportColumn): CallsExportColumn[] {
  return [
    'id',
    { key: 'call_sid', title: 'SID' },
    { key: 'assistant_name', title: 'Agent' },
    phone,
    'status',
    'started_at',
    { key: 'price', title: 'Price (USD)', property: 'price', kind: 'decimal' },
    { key: 'recorded', title: 'Recorded', property: 'isRecorded', kind: 'boolean' },
  ];
}

/** Leaves the last two digits. */
function maskPhone(phone: string): string {
  return phone.replace(/.(?=..)/g, '*');
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [PhoneCall, Agent],
      // For the example. In production the tables come by migrations.
      synchronize: true,
    }),
    CallsExportModule.forRoot({
      calls: {
        entity: PhoneCall,
        // What is not named here is called as the export calls it, `createdAt` too.
        properties: {
          accountId: 'tenantId',
          callSid: 'sid',
          assistantId: 'agent',
          customerPhoneNumber: 'customerNumber',
        },
      },
      assistants: { entity: Agent, properties: { accountId: 'tenantId' } },
      columns: columns('customer_phone_number'),
      views: { masked: columns({ key: 'customer_phone_number', mask: maskPhone }) },
      findAccount: ({ user }: Authenticated) => user.tenant,
      findView: ({ user }: Authenticated) => (user.role === 'admin' ? 'default' : 'masked'),
    }),
  ],
  providers: [JwtStrategy],
})
export class AppModule {}
