"""Our maps beside those of captum, a maintained library, in float64."""

import pytest
import torch
import torch.nn.functional as F
from captum import attr

from cnncourse.interpretation import grad_cam_map, occlusion_map, saliency_map, spread_patches

TARGETS = [0, 2, 1]


def test_saliency_maps_agree_with_captum(model, images):
    expected = attr.Saliency(model.eval()).attribute(images.clone().requires_grad_(), target=TARGETS).amax(dim=1)
    torch.testing.assert_close(saliency_map(model, images, torch.tensor(TARGETS)), expected)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_grad_cam_agrees_with_captum(model, images, target):
    layer = model.eval()[2]
    expected = attr.LayerGradCam(model, layer).attribute(images.clone(), target=target, relu_attributions=True)
    expected = expected / expected.amax(dim=(2, 3), keepdim=True).clamp(min=1e-300)
    expected = F.interpolate(expected, images.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    torch.testing.assert_close(grad_cam_map(model, images, target, "2"), expected.detach())


@pytest.mark.parametrize(("patch", "stride"), [((3, 2), (3, 2)), ((4, 4), (2, 3)), ((2, 4), (1, 2))])
def test_occlusion_agrees_with_captum_where_patches_overlap(model, images, patch, stride):
    expected = attr.Occlusion(model.eval()).attribute(
        images[:1].clone(), sliding_window_shapes=(2, *patch), strides=(2, *stride), target=2, baselines=0.3
    )[0, 0]
    drops = occlusion_map(model, images[0], 2, patch, stride, fill=0.3)
    torch.testing.assert_close(spread_patches(drops, (12, 10), patch, stride).float(), expected)
