using TransferLearning.Augmentation;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

/// <summary>Cutout's mask.</summary>
public sealed class CutoutParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["cutout_mask"];

    public ParityResult Compute(ParityInputs inputs) =>
        new ParityResult().With(
            "mask",
            Cutout
                .Mask(
                    inputs["center_y"].unsqueeze(0),
                    inputs["center_x"].unsqueeze(0),
                    inputs.Integer("height"),
                    inputs.Integer("width"),
                    inputs.Integer("length")
                )
                .squeeze(0)
        );
}
