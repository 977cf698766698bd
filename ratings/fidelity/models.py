"""Distortion: the exact squared error of one decoded image, and its MS-SSIM."""

from django.db import models

from ratings.submissions.models import DecodedImage


class Distortion(models.Model):
    """Integer sums, so that any pooled MSE and PSNR is derived exactly (never averaged)."""

    decoded_image = models.OneToOneField(DecodedImage, models.CASCADE, related_name="distortion")
    squared_error = models.PositiveBigIntegerField()
    samples = models.PositiveBigIntegerField()
    # Computed after the squared error; None until then, and for pictures too small for it.
    ms_ssim = models.FloatField(null=True)
