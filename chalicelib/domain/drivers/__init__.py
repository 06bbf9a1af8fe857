"""Drivers: who drives, with what, from which hub; how they sign in; whether they are on duty.

Owns the driver, the sign-in codes and tokens, and the driver's work item (duty, live offer, current
route). Emits ``driver.on_duty`` and ``driver.off_duty``. Dispatch changes the work item through
``store`` when it offers and assigns.
"""
