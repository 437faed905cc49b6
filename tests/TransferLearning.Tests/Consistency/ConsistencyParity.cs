using TransferLearning.Consistency;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>UDA's two losses and thresholds, the mean teacher's average and distance.</summary>
public sealed class ConsistencyParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        ["uda_unsupervised_loss", "uda_supervised_tsa_loss", "uda_tsa_threshold", "ema_teacher", "pi_model_l2"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "uda_unsupervised_loss" => Unsupervised(inputs),
            "uda_supervised_tsa_loss" => Supervised(inputs),
            "uda_tsa_threshold" => Thresholds(inputs),
            "ema_teacher" => Average(inputs),
            _ => Distance(inputs),
        };

    private static ParityResult Unsupervised(ParityInputs inputs) =>
        new ParityResult()
            .With(
                "loss",
                UnsupervisedDataAugmentation.Of(
                    inputs["original_logits"],
                    inputs["augmented_logits"],
                    inputs.Number("softmax_temperature"),
                    inputs.Number("confidence_threshold")
                )
            )
            .Declines("kept_fraction", "a by-product of the peer's log; the loss depends on it and is compared");

    private static ParityResult Supervised(ParityInputs inputs)
    {
        var logits = inputs["logits"];
        var threshold = AnnealedCrossEntropy.Threshold(
            Annealing(inputs.Text("schedule")),
            inputs.Number("step") / inputs.Number("total_steps"),
            logits.shape[1]
        );
        return new ParityResult()
            .With("loss", AnnealedCrossEntropy.Of(logits, inputs["labels"], threshold))
            .With("threshold", threshold)
            .Declines("trained_ratio", "a by-product of the peer's log; the loss depends on it and is compared");
    }

    private static ParityResult Thresholds(ParityInputs inputs)
    {
        var result = new ParityResult();
        var steps = ParityJson.Tensor(inputs.Parameter("steps")).data<long>().ToArray();
        foreach (var name in new[] { "linear", "log", "exp" })
        {
            var thresholds = steps.Select(step =>
                AnnealedCrossEntropy.Threshold(
                    Annealing(name),
                    step / inputs.Number("total_steps"),
                    inputs.Integer("num_classes")
                )
            );
            result.With(name, tensor(thresholds.ToArray()));
        }
        return result;
    }

    private static SignalAnnealing Annealing(string name) =>
        name switch
        {
            "linear" => SignalAnnealing.Linear,
            "log" => SignalAnnealing.Logarithmic,
            _ => SignalAnnealing.Exponential,
        };

    private static ParityResult Average(ParityInputs inputs)
    {
        var initial = inputs["initial"];
        using var teacher = nn.Linear(initial.shape[1], initial.shape[0], hasBias: false, dtype: float64);
        using var student = nn.Linear(initial.shape[1], initial.shape[0], hasBias: false, dtype: float64);
        using var quiet = no_grad();
        teacher.weight.copy_(initial);
        var students = inputs["student_after_each_step"];
        var after = new List<Tensor>();
        for (var step = 0; step < students.shape[0]; step++)
        {
            student.weight.copy_(students[step]);
            MeanTeacher.Follow(teacher, student, inputs.Number("alpha"));
            after.Add(teacher.weight.detach().clone());
        }
        return new ParityResult().With("teacher_after_each_step", stack([.. after]));
    }

    private static ParityResult Distance(ParityInputs inputs)
    {
        var ramp = Schedule.GaussianRamp(1);
        var epochs = new[] { 0, 1, 2.5, 5, 10, 20 };
        return new ParityResult()
            .With(
                "loss",
                MeanTeacher.Distance(
                    inputs["student_logits"],
                    inputs["teacher_logits"],
                    inputs.HasInput("mask") ? inputs["mask"] : null,
                    sumsClasses: true
                )
            )
            .With(
                "sigmoid_warm_up_epochs_0_1_2.5_5_10_20_of_10",
                tensor(epochs.Select(epoch => ramp.At(epoch / 10)).ToArray())
            );
    }
}
