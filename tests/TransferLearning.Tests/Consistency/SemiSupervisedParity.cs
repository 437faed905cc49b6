using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>
/// FixMatch, FlexMatch's thresholds, VAT, distillation, self-ensembling's class balance and Self-Tuning's contrast.
/// </summary>
public sealed class SemiSupervisedParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "fixmatch_loss",
            "flexmatch_threshold",
            "vat_loss",
            "knowledge_distillation",
            "class_balance_loss",
            "self_tuning_pgc",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "fixmatch_loss" => Fixed(inputs),
            "flexmatch_threshold" => new ParityResult().With(
                "threshold_per_class",
                FlexMatch.Thresholds(
                    inputs["last_confident_pseudo_labels"],
                    inputs.Integer("num_classes"),
                    inputs.Number("threshold"),
                    // The peer's name for s / (2 - s), which is convex.
                    isConvex: inputs.Text("mapping") == "concave_x_over_2_minus_x",
                    hasWarmUp: inputs.Flag("warmup")
                )
            ),
            "vat_loss" => Virtual(inputs),
            "self_tuning_pgc" => Grouped(inputs),
            "knowledge_distillation" => Distilled(inputs),
            _ => new ParityResult().With("loss", ClassBalance.Of(inputs["logits"])),
        };

    private static ParityResult Fixed(ParityInputs inputs)
    {
        var supervised = CrossEntropy.Of(inputs["labeled_logits"], inputs["labels"]);
        var unsupervised = FixMatch.Of(
            inputs["weak_logits"],
            inputs["strong_logits"],
            inputs.Number("threshold"),
            inputs.Number("temperature")
        );
        return new ParityResult()
            .With("loss", supervised + (unsupervised * inputs.Number("lambda_u")))
            .With("supervised", supervised)
            .With("unsupervised", unsupervised)
            .Declines("mask", "a step on the way to the loss, which is compared")
            .Declines("pseudo_labels", "a step on the way to the loss, which is compared");
    }

    private static ParityResult Virtual(ParityInputs inputs)
    {
        Tensor Scores(Tensor rows) => rows.matmul(inputs["w1"]).tanh().matmul(inputs["w2"]);
        var change = VirtualAdversarialTraining.Perturbation(
            Scores,
            inputs["inputs"],
            inputs["noise"],
            inputs.Number("xi"),
            inputs.Number("epsilon"),
            inputs.Integer("num_power_iterations")
        );
        return new ParityResult()
            .With("perturbation", change)
            .With("loss", VirtualAdversarialTraining.Of(Scores, inputs["inputs"], change));
    }

    // The peer's queue is D x (C K), classes outermost among its columns.
    private static ParityResult Grouped(ParityInputs inputs)
    {
        var (keys, labels, count) = (inputs["key"], inputs["labels"], inputs.Integer("K"));
        var memory = inputs["queue"].t().reshape(-1, count, keys.shape[1]);
        var (after, _) = PseudoGroupContrast.Enqueued(memory, zeros(memory.shape[0], int64), keys, labels);
        return new ParityResult()
            .With("loss", PseudoGroupContrast.Of(inputs["query"], keys, memory, labels, inputs.Number("T")))
            .With("queue_after", after.reshape(-1, keys.shape[1]).t())
            .Declines("log_probabilities", "a step on the way to the loss, which is compared")
            .Declines("target", "a step on the way to the loss, which is compared");
    }

    private static ParityResult Distilled(ParityInputs inputs)
    {
        var temperature = inputs.Number("temperature");
        var loss = KnowledgeDistillation.Of(inputs["student_logits"], inputs["teacher_logits"], temperature);
        // TLLib leaves out T^2.
        return new ParityResult()
            .With("loss_with_t_squared", loss)
            .With("loss_without_t_squared", loss / (temperature * temperature))
            .Differentiate(loss);
    }
}
