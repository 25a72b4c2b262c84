// Which core a thread runs on.
#pragma once

/// The core that the calling thread runs on; -1 where the system does not say.
int flow_current_core(void);

/// Moves the calling thread to another core than `taken`, once: from then on the system may move it as it likes.
/// `number` tells the threads that are to be apart from one another, from 0. Does nothing where there is no other core.
void flow_settle(int number, int taken);
