process H5LIFT_MIGRATE {
    tag "$meta.id"
    label 'process_low'

    conda "${moduleDir}/environment.yml"

    input:
    tuple val(meta), path(h5, stageAs: 'old/*')

    output:
    tuple val(meta), path("*.h5")        , emit: h5
    tuple val(meta), path("*.h5lift.json"), emit: report
    path "versions.yml"                  , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args   = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    h5lift \\
        migrate \\
        ${h5} \\
        --follow-symlinks \\
        --output ${prefix}.h5 \\
        --if-current copy \\
        --jobs ${task.cpus} \\
        --report ${prefix}.h5lift.json \\
        --progress never \\
        ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        h5lift: \$(h5lift --version | sed 's/h5lift //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5
    touch ${prefix}.h5lift.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        h5lift: \$(h5lift --version | sed 's/h5lift //')
    END_VERSIONS
    """
}
