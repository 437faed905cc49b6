using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>BSS, DELTA, StochNorm, Co-Tuning, Bi-tuning and LwF.</summary>
public sealed class FineTuningParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        ["batch_spectral_shrinkage", "delta_feature_map", "stochnorm_forward", "co_tuning", "bi_tuning", "lwf_loss"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "batch_spectral_shrinkage" => new ParityResult().With(
                "loss",
                new BatchSpectralShrinkage { Count = inputs.Integer("k") }.Of(inputs["features"])
            ),
            "delta_feature_map" => Maps(inputs),
            "stochnorm_forward" => Normalized(inputs),
            "co_tuning" => Related(inputs),
            "bi_tuning" => Contrasted(inputs),
            _ => Remembered(inputs),
        };

    private static ParityResult Maps(ParityInputs inputs)
    {
        Tensor Sum(bool hasAttention) =>
            new[] { 1, 2 }
                .Select(layer =>
                    FeatureMapPenalty.Of(
                        inputs[$"target_layer{layer}"],
                        inputs[$"source_layer{layer}"],
                        hasAttention ? inputs[$"channel_attention{layer}"] : null
                    )
                )
                .Aggregate((sum, next) => sum + next);
        var attention = Sum(true);
        return new ParityResult()
            .With("attention_loss", attention)
            .With("behavioral_loss", Sum(false))
            .Differentiate(attention);
    }

    private static ParityResult Normalized(ParityInputs inputs)
    {
        var (output, mean, variance) = StochasticNormalization.Of(
            inputs["inputs"],
            inputs["running_mean"],
            inputs["running_var"],
            inputs["gamma"],
            inputs["beta"],
            inputs["selection"],
            inputs.Number("eps")
        );
        var share = inputs.Number("momentum");
        return new ParityResult()
            .With("outputs", output)
            .With("running_mean_after", (inputs["running_mean"] * (1 - share)) + (mean * share))
            .With("running_var_after", (inputs["running_var"] * (1 - share)) + (variance * share))
            .Differentiate((output * inputs["upstream"]).sum());
    }

    private static ParityResult Related(ParityInputs inputs)
    {
        var labels = inputs["target_labels"];
        var relationship = CoTuning.Relationship(
            inputs["source_head_logits_on_target"].softmax(1),
            labels,
            labels.max().item<long>() + 1
        );
        return new ParityResult()
            .With("relationship_p_source_given_target", relationship)
            .With("loss", CoTuning.Of(inputs["batch_source_logits"], inputs["batch_labels"], relationship));
    }

    // The peer's queues are D x C x K. Its memory of the classifier's branch is that after the step.
    private static ParityResult Contrasted(ParityInputs inputs)
    {
        var (labels, temperature) = (inputs["labels"], inputs.Number("T"));
        Tensor Memory(string name) => inputs[name].permute(1, 2, 0);
        Tensor anchors = cat([inputs["head_weight"], inputs["head_bias"].unsqueeze(1)], 1);
        anchors /= anchors.norm(1, keepdim: true);
        var memory = Memory("queue_h");
        var (after, _) = TransferLearning.Internal.ClassMemory.Enqueued(
            memory,
            zeros(memory.shape[0], int64),
            inputs["key_h"],
            labels
        );
        var z = BiTuning.OfProjections(inputs["query_z"], inputs["key_z"], Memory("queue_z"), labels, temperature);
        var y = BiTuning.OfClassifier(inputs["query_h"], anchors, after, labels, temperature);
        return new ParityResult()
            .With("loss_z", z)
            .With("loss_y", y)
            .Declines("log_probabilities_z", "a step on the way to the loss, which is compared")
            .Declines("log_probabilities_y", "a step on the way to the loss, which is compared")
            .Differentiate(z + y);
    }

    private static ParityResult Remembered(ParityInputs inputs)
    {
        var old = LearningWithoutForgetting.Of(
            inputs["source_head_logits"],
            inputs["recorded_source_logits"],
            inputs.Number("temperature")
        );
        var own = CrossEntropy.Of(inputs["target_head_logits"], inputs["target_labels"]);
        return new ParityResult().With("loss", own + (old * inputs.Number("trade_off")));
    }
}
