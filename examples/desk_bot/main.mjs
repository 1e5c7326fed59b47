// D) Forwards disputes to a support tool as tickets. Subscribe to `dispute.opened`.
//   SUPPORT_URL=https://support.example ORKESTR_WEBHOOK_SECRET=whsec_… PORT=8090 node examples/desk_bot/main.mjs
import { call, receive } from '../webhook_receiver/receiver.mjs';

receive({
  // The receiver forgets what it has seen when it ends; the tool does not, and takes an external id once.
  'dispute.opened': (data, delivery) =>
    call('POST', `${process.env.SUPPORT_URL}/tickets`, { externalId: delivery, subject: data.reason, booking: data.bookingId }),
});
