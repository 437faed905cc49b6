using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using TransferLearning.Tests.Parity;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

/// <summary>Mixup's inputs, labels and loss, and CutMix's box.</summary>
public sealed class MixingParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["mixup_loss", "mixup_target", "cutmix_box"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "mixup_loss" => Loss(inputs),
            "mixup_target" => Target(inputs),
            _ => Boxes(inputs),
        };

    private static LabeledBatch Batch(Tensor rows, Tensor labels, long classes) =>
        new(rows, labels, DomainId.Source(0), arange(rows.shape[0], dtype: int64), null, LabelSpace.Classes(classes));

    private static ParityResult Loss(ParityInputs inputs)
    {
        var logits = inputs["logits"];
        var batch = Batch(inputs["inputs"], inputs["labels"], logits.shape[1]);
        var mixed = Mixup.Mix(batch, inputs["permutation"], inputs.Number("lambda"));
        return new ParityResult()
            .With("mixed_inputs", mixed.Inputs)
            .With("loss", CrossEntropy.Of(logits, mixed.Labels))
            .Declines("labels_b", "the partners' labels are inside the mixed ones, whose loss is compared");
    }

    private static ParityResult Target(ParityInputs inputs)
    {
        var labels = inputs["labels"];
        var n = labels.shape[0];
        var flip = arange(n - 1, -1, -1, dtype: int64);
        var mixed = Mixup
            .Mix(
                Batch(zeros(n, 1, dtype: float64), labels, inputs.Integer("num_classes")),
                flip,
                inputs.Number("lambda")
            )
            .Labels;
        // timm smooths the target itself; here smoothing belongs to the loss, (1 - s) q + s / C.
        var smoothing = inputs.Number("smoothing");
        return new ParityResult().With(
            "targets",
            (mixed * (1 - smoothing)) + (smoothing / inputs.Integer("num_classes"))
        );
    }

    private static ParityResult Boxes(ParityInputs inputs)
    {
        var (height, width) = (inputs.Integer("height"), inputs.Integer("width"));
        var shares = inputs["lambda"].data<double>().ToArray();
        var rows = inputs["center_y"].data<long>().ToArray();
        var columns = inputs["center_x"].data<long>().ToArray();
        var boxes = shares.Select((share, i) => CutMixBox.Around(height, width, share, rows[i], columns[i])).ToList();
        return new ParityResult()
            .With("y_low", tensor(boxes.Select(box => box.Top).ToArray()))
            .With("y_high", tensor(boxes.Select(box => box.Bottom).ToArray()))
            .With("x_low", tensor(boxes.Select(box => box.Left).ToArray()))
            .With("x_high", tensor(boxes.Select(box => box.Right).ToArray()))
            .With("lambda_corrected", tensor(boxes.Select(box => box.ShareLeft(height, width)).ToArray()));
    }
}
