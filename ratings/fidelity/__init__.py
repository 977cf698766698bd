"""Fidelity: squared errors of decoded images, and the PSNR board drawn from them."""
