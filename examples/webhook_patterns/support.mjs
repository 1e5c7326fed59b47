// D) Forwards disputes to a support tool as tickets.
//   SUPPORT_URL=https://support.example ORKESTR_WEBHOOK_SECRET=whsec_… node support.mjs
import { call, receive } from './receiver.mjs';

receive({
  'dispute.opened': (data, delivery) =>
    call('POST', `${process.env.SUPPORT_URL}/tickets`, { externalId: delivery, subject: data.reason, booking: data.bookingId }),
});
